// What the folder of a kind tells about it, and the tolerant reading of a step's fields that it needs: drafts hold anything.
import type { ComponentType } from 'react'
import type { Kind } from '../types'

export type Words = (key: string, options?: Record<string, unknown>) => string
export type Icon = ComponentType<{ size?: number | string; stroke?: number | string; 'aria-hidden'?: boolean }>

export type StepFace = {
  icon: Icon
  /** One sentence without its full stop. */
  says: (fields: Fields, t: Words, kind?: Kind) => string
}

/** Longest quotation on a face; the rest is cut at a word. */
const LONGEST = 90

/** `{{contact.name}}` reads as the thing it stands for. */
export function plain(text: string): string {
  return text
    .replace(/\{%[^%]*%\}|\{#[^#]*#\}/g, '')
    .replace(/\{\{\s*([^}]*?)\s*\}\}/g, (_, inside: string) => {
      const path = (inside.split('|')[0] ?? '').trim()
      return `[${(path.split('.').pop() || '…').replaceAll('_', ' ')}]`
    })
    .replace(/\s+/g, ' ')
    .trim()
}

export function shorten(text: string, most = LONGEST): string {
  if (text.length <= most) return text
  const cut = text.slice(0, most)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), most - 20)).replace(/[\s,.;:]+$/, '')}…`
}

/** The name of a variable or of something in a scope, as people would say it. */
export const spoken = (name: string) =>
  plain(name)
    .replace(/^\[(.*)\]$/, '$1')
    .replaceAll('_', ' ')
    .trim()

/** What a text says that is one value and nothing else, `{{ order.total }}`: "total". Filters are left out. '' for others. */
export function pathWords(text: string): string {
  const path = /^\s*\{\{\s*([\p{L}_][\p{L}\p{N}_.]*)\s*(\|[^{}]*)?\}\}\s*$/u.exec(text)?.[1]
  return path ? spoken(path.split('.').pop() ?? '') : ''
}

export class Fields {
  constructor(readonly raw: Record<string, unknown>) {}

  /** A field's words, shortened and without braces; '' when there are none. */
  text(name: string, most?: number): string {
    const value = this.raw[name]
    return typeof value === 'string' ? shorten(plain(value), most) : typeof value === 'number' ? String(value) : ''
  }
  /** The words in quotation marks; '' when there are none. */
  quoted(name: string, most?: number): string {
    const text = this.text(name, most)
    return text && `“${text}”`
  }
  string(name: string): string {
    const value = this.raw[name]
    return typeof value === 'string' ? value : ''
  }
  number(name: string): number | null {
    const value = this.raw[name]
    return typeof value === 'number' && Number.isFinite(value) ? value : null
  }
  on(name: string): boolean {
    return this.raw[name] === true
  }
  list(name: string): unknown[] {
    const value = this.raw[name]
    return Array.isArray(value) ? value : []
  }
  texts(name: string): string[] {
    return this.list(name).filter((item): item is string => typeof item === 'string' && item.trim() !== '')
  }
  items(name: string): Fields[] {
    return this.list(name).flatMap((item) => {
      const inner = record(item)
      return inner ? [new Fields(inner)] : []
    })
  }
  /** What an object field holds; empty when it holds none. */
  inner(name: string): Fields {
    return new Fields(record(this.raw[name]) ?? {})
  }
  /** The label of a picked option, in the words of the declaration. */
  picked(name: string, kind?: Kind): string {
    const value = this.string(name)
    const input = kind?.fields.find((field) => field.name === name)?.input
    const option = input?.input === 'pick' ? input.options.find((option) => option.value === value) : undefined
    return option?.label ?? value.replaceAll('_', ' ')
  }
}

export function record(value: unknown): Record<string, unknown> | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
