// One message as an element: every kind of content, its sources, its time, and how its sending goes.
import { h } from './dom'
import { linkify, safeUrl } from './linkify'
import type { Pending } from './thread'
import type { Choice, Content, WebMessage } from './types'
import type { Words } from './words'

export type Bubble = { element: HTMLElement; update(entry: Entry): void }
export type Entry = {
  key: string
  message: WebMessage
  state: Pending['state'] | 'kept'
  why?: string
  last: boolean
  lead: boolean
}
export type Act = {
  words: Words
  base: string
  clock(at: number): string
  pick(choice: Choice): void
  again(client_id: string): void
}

const LINK = { target: '_blank', rel: 'noopener noreferrer nofollow ugc' }

export function paragraph(text: string): HTMLElement {
  return h(
    'p',
    { dir: 'auto' },
    ...linkify(text).map((part) => (part.url ? h('a', { href: part.url, ...LINK }, part.text) : part.text)),
  )
}

function file(content: Extract<Content, { media: unknown }>, { words, base }: Act): (Node | null)[] {
  const { media } = content
  const url = media.url ? safeUrl(media.url, base) : null
  const caption = 'caption' in content && content.caption ? content.caption : ''
  const name = media.filename || caption || media.mime || words('cannot')
  const picture = url && (content.kind === 'image' || content.kind === 'sticker')
  return [
    picture
      ? h('a', { href: url, ...LINK }, h('img', { src: url, alt: caption || name, loading: 'lazy' }))
      : h('p', { dir: 'auto' }, url ? h('a', { href: url, ...LINK }, name) : name),
    caption && caption !== name ? paragraph(caption) : null,
  ]
}

function choices(list: Choice[], act: Act): HTMLElement {
  return h(
    'div',
    { class: 'picks' },
    ...list.map((choice) =>
      h(
        'button',
        { type: 'button', class: 'pick', dir: 'auto', onclick: () => act.pick(choice) },
        h('span', {}, choice.title),
        choice.description ? h('small', {}, choice.description) : null,
      ),
    ),
  )
}

function inside(content: Content, act: Act): (Node | null)[] {
  switch (content.kind) {
    case 'text':
    case 'location_request':
      return [paragraph(content.text)]
    case 'picked':
      return [paragraph(content.title)]
    case 'buttons':
      return [
        paragraph(content.text),
        content.footer ? h('small', {}, content.footer) : null,
        choices(content.buttons, act),
      ]
    case 'list':
      return [
        paragraph(content.text),
        h(
          'details',
          {},
          h('summary', { dir: 'auto' }, content.button),
          ...content.sections.flatMap((section) => [
            section.title ? h('h3', { dir: 'auto' }, section.title) : h('span'),
            choices(section.rows, act),
          ]),
        ),
      ]
    case 'link': {
      const url = safeUrl(content.url)
      return [
        paragraph(content.text),
        url ? h('a', { class: 'pick link', href: url, ...LINK }, content.label || url) : null,
      ]
    }
    case 'image':
    case 'video':
    case 'document':
    case 'audio':
    case 'sticker':
      return file(content, act)
    case 'location': {
      const { latitude: lat, longitude: lon, name, address } = content
      const place = `${Number(lat)},${Number(lon)}`
      const map = `https://www.openstreetmap.org/?mlat=${Number(lat)}&mlon=${Number(lon)}#map=16/${place.replace(',', '/')}`
      return [
        h('p', { dir: 'auto' }, h('a', { href: map, ...LINK }, [name, address].filter(Boolean).join(', ') || place)),
      ]
    }
    case 'contacts':
      return content.contacts.map((card) =>
        h(
          'p',
          { dir: 'auto' },
          card.name,
          ...card.phones.flatMap((phone) => [h('br'), h('a', { href: `tel:${phone.replace(/[^\d+]/g, '')}` }, phone)]),
        ),
      )
    default:
      return [h('p', { class: 'quiet' }, act.words('cannot'))]
  }
}

function sources(message: WebMessage, words: Words): HTMLElement | null {
  const names = message.citations.map(({ title, page }) => (page ? words('page', title, page) : title))
  const once = [...new Set(names)].slice(0, 4)
  if (once.length === 0) return null
  return h('div', { class: 'sources' }, ...once.map((name) => h('span', { class: 'chip' }, words('from', name))))
}

/** The words of a message for a screen reader's announcement and the grouping; made once, its state changes in place. */
export function bubble(entry: Entry, act: Act): Bubble {
  const { message } = entry
  const mine = message.direction === 'in'
  const name = h('div', { class: 'name' })
  const box = h('div', { class: 'bubble' }, ...inside(message.content, act))
  const foot = h('div', { class: 'foot' })
  const element = h(
    'div',
    { class: `row ${mine ? 'mine' : 'theirs'}` },
    name,
    box,
    mine ? null : sources(message, act.words),
    foot,
  )
  const picks = [...box.querySelectorAll<HTMLButtonElement>('button.pick')]
  let drawn = ''
  const update = (now: Entry) => {
    const look = `${now.state}|${now.last}|${now.lead}|${now.why}`
    if (look === drawn) return
    drawn = look
    element.dataset.state = now.state
    const person = message.author === 'person' && message.name
    name.textContent = now.lead && person ? String(message.name) : ''
    name.hidden = !name.textContent
    for (const pick of picks) pick.disabled = !now.last
    const clock = h('time', { datetime: new Date(message.at).toISOString() }, act.clock(message.at))
    foot.replaceChildren()
    if (now.state === 'refused') {
      const again = () => act.again(message.client_id ?? '')
      foot.append(
        h('span', { class: 'bad' }, now.why || act.words('failed')),
        h('button', { type: 'button', class: 'again', onclick: again }, act.words('again')),
      )
    } else if (now.state === 'waiting') foot.append(act.words('waiting'))
    else foot.append(clock)
  }
  update(entry)
  return { element, update }
}
