// Small drawings for places that are still empty: two inks, no faces, no noise.
import type { ReactNode } from 'react'

export type PictureName =
  | 'inbox'
  | 'knowledge'
  | 'bot'
  | 'channel'
  | 'question'
  | 'answer'
  | 'search'
  | 'broken'
  | 'counter'
  | 'done'

const line = {
  stroke: 'var(--bf-ink)',
  strokeWidth: 1.6,
  strokeLinecap: 'round' as const,
  strokeLinejoin: 'round' as const,
  fill: 'var(--bf-surface)',
}
const bare = { ...line, fill: 'none' }
const tint = { fill: 'var(--bf-accent-soft)' }
const full = { fill: 'var(--bf-accent)' }

const bubble = (
  <g>
    <path {...line} d="M36 34h56a8 8 0 0 1 8 8v26a8 8 0 0 1-8 8H62L48 88V76H36a8 8 0 0 1-8-8V42a8 8 0 0 1 8-8z" />
    <path {...bare} d="M42 50h42M42 61h26" opacity=".55" />
  </g>
)
const drawings: Record<PictureName, ReactNode> = {
  inbox: (
    <>
      {bubble}
      <path {...full} d="M98 64h30a7 7 0 0 1 7 7v18a7 7 0 0 1-7 7h-3v9l-10-9H98a7 7 0 0 1-7-7V71a7 7 0 0 1 7-7z" />
      <path
        d="m105 80 6 6 11-11"
        fill="none"
        stroke="var(--bf-on-accent)"
        strokeWidth="2.200"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  knowledge: (
    <>
      <path
        {...line}
        d="M62 26h40l18 18v50a6 6 0 0 1-6 6H62a6 6 0 0 1-6-6V32a6 6 0 0 1 6-6z"
        transform="rotate(6 88 62)"
      />
      <path {...line} d="M46 24h38l18 18v52a6 6 0 0 1-6 6H46a6 6 0 0 1-6-6V30a6 6 0 0 1 6-6z" />
      <path {...bare} d="M84 24v12a6 6 0 0 0 6 6h12" />
      <path {...bare} d="M52 54h38M52 76h38M52 87h22" opacity=".5" />
      <rect x="49" y="60" width="44" height="10" rx="3" {...full} opacity=".85" />
    </>
  ),
  bot: (
    <>
      <rect x="46" y="40" width="68" height="50" rx="14" {...line} />
      <path {...bare} d="M80 40V28" />
      <circle cx="80" cy="24" r="4.500" {...full} />
      <circle cx="67" cy="62" r="4" {...full} />
      <circle cx="93" cy="62" r="4" {...full} />
      <path {...bare} d="M70 76c6 4 14 4 20 0M46 60h-8v14h8M114 60h8v14h-8" />
    </>
  ),
  channel: (
    <>
      <rect x="30" y="30" width="64" height="62" rx="8" {...line} />
      <path {...bare} d="M30 44h64" />
      <path {...bare} d="M40 56h30M40 66h22" opacity=".5" />
      <circle cx="38" cy="37" r="1.800" {...full} />
      <path {...full} d="M86 62h36a8 8 0 0 1 8 8v16a8 8 0 0 1-8 8h-16l-12 10V94h-8a8 8 0 0 1-8-8V70a8 8 0 0 1 8-8z" />
      <path d="M90 73h26M90 82h16" stroke="var(--bf-on-accent)" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
  question: (
    <>
      {bubble}
      <circle cx="108" cy="78" r="20" {...full} />
      <path
        d="M102.500 73.500a5.800 5.800 0 1 1 8.300 5.200c-1.700.9-2.600 2-2.600 3.900M108 88v.2"
        fill="none"
        stroke="var(--bf-on-accent)"
        strokeWidth="2.400"
        strokeLinecap="round"
      />
    </>
  ),
  answer: (
    <>
      {bubble}
      <path {...full} d="m108 52 6 5 8-1 1 8 6 5-4 7 2 8-8 2-4 7-8-3-7 4-5-6-8-1v-8l-5-6 5-7v-8l8-1z" />
      <path
        d="m98 73 6 6 11-12"
        fill="none"
        stroke="var(--bf-on-accent)"
        strokeWidth="2.400"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  search: (
    <>
      <rect x="34" y="30" width="78" height="16" rx="6" {...line} />
      <rect x="34" y="54" width="78" height="16" rx="6" {...line} />
      <rect x="34" y="78" width="78" height="16" rx="6" {...line} opacity=".6" />
      <circle cx="104" cy="66" r="18" {...line} />
      <circle cx="104" cy="66" r="18" fill="var(--bf-accent)" opacity=".14" />
      <path d="m117 80 13 14" stroke="var(--bf-accent)" strokeWidth="5" strokeLinecap="round" />
    </>
  ),
  broken: (
    <>
      <path {...bare} d="M26 78h26a10 10 0 0 0 10-10M134 50h-26a10 10 0 0 0-10 10" />
      <rect x="58" y="56" width="18" height="16" rx="4" {...line} transform="rotate(-14 67 64)" />
      <rect x="88" y="50" width="18" height="16" rx="4" {...line} transform="rotate(-14 97 58)" />
      <path
        d="m80 34 2 10M94 30l-4 9M78 92l4-9M92 94l-2-10"
        stroke="var(--bf-attention)"
        strokeWidth="2.200"
        strokeLinecap="round"
      />
    </>
  ),
  counter: (
    <>
      <path {...line} d="M30 50h100l-8-22H38z" />
      <path {...full} d="M50 28h20l-4 22H42zM90 28h20l8 22H94z" opacity=".9" />
      <path {...line} d="M38 50v46h84V50" />
      <rect x="50" y="62" width="26" height="34" rx="3" {...line} />
      <rect x="86" y="62" width="26" height="18" rx="3" {...tint} />
      <rect x="86" y="62" width="26" height="18" rx="3" {...bare} />
      <path {...bare} d="M26 96h108" />
    </>
  ),
  done: (
    <>
      <circle cx="80" cy="60" r="34" {...tint} />
      <circle cx="80" cy="60" r="24" {...full} />
      <path
        d="m70 61 7 7 14-15"
        fill="none"
        stroke="var(--bf-on-accent)"
        strokeWidth="3.200"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path
        {...bare}
        d="M80 14v6M80 100v6M34 60h-6M132 60h-6M48 28l4 4M108 88l4 4M112 28l-4 4M52 88l-4 4"
        opacity=".5"
      />
    </>
  ),
}

export function Picture({ name, size = 160 }: { name: PictureName; size?: number }) {
  return (
    <svg viewBox="16 8 128 108" width={size} height={(size * 108) / 128} aria-hidden="true" focusable="false">
      <ellipse cx="80" cy="108" rx="52" ry="5" fill="var(--bf-ink)" opacity=".06" />
      {drawings[name]}
    </svg>
  )
}
