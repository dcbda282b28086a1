// The launcher and the panel in a shadow of their own: draws the thread, takes what the visitor writes.
import { type Act, type Bubble, bubble, type Entry, paragraph } from './bubbles'
import { shades } from './color'
import { h, icon } from './dom'
import { STYLE } from './style'
import type { Thread } from './thread'
import type { Choice, Config, WebMessage } from './types'
import { isRightToLeft, type Words, wordsOf } from './words'

const TEXT_LIMIT = 4_000
const GROUP_MS = 3 * 60_000

export type Deeds = {
  write(text: string): void
  pick(choice: Choice): void
  again(client_id: string): void
  opened(open: boolean): void
  draft(text: string): void
}
export type View = ReturnType<typeof openView>

export function openView(
  config: Config,
  language: string,
  { page, rtl: turned, base }: { page: boolean; rtl: boolean; base: string },
  deeds: Deeds,
) {
  const words: Words = wordsOf(language)
  const rtl = turned || isRightToLeft(language)
  const host = h('div', { id: 'botflow-chat' })
  const shadow = host.attachShadow({ mode: 'open' })
  dress(shadow)

  const badge = h('span', { class: 'badge', hidden: true })
  const launch = h(
    'button',
    {
      type: 'button',
      class: 'launch',
      'aria-label': words('open'),
      'aria-haspopup': 'dialog',
      'aria-expanded': 'false',
      onclick: () => toggle(),
    },
    icon('chat'),
    badge,
  )
  const column = h('div', { class: 'column' })
  const log = h(
    'div',
    {
      class: 'log',
      role: 'log',
      'aria-live': 'polite',
      'aria-relevant': 'additions',
      tabindex: '0',
      'aria-label': config.title,
    },
    column,
  )
  const offline = h('p', { class: 'offline', role: 'status', hidden: true }, words('offline'))
  const field = h('textarea', {
    rows: '1',
    'aria-label': words('write'),
    placeholder: words('write'),
    maxlength: String(TEXT_LIMIT),
    dir: 'auto',
    enterkeyhint: 'send',
  })
  const go = h('button', { class: 'go', 'aria-label': words('send'), disabled: true }, icon('send'))
  const form = h('form', {}, field, go)
  const down = h(
    'button',
    { type: 'button', class: 'down', 'aria-label': words('newest'), hidden: true, onclick: () => toEnd() },
    icon('down'),
  )
  const close = page
    ? null
    : h(
        'button',
        { type: 'button', class: 'x', 'aria-label': words('close'), onclick: () => toggle(false) },
        icon('close'),
      )
  const panel = h(
    'div',
    {
      class: page ? 'panel page' : 'panel',
      role: page ? 'main' : 'dialog',
      ...(page ? {} : { 'aria-modal': 'true' }),
      'aria-label': config.title,
      hidden: !page,
    },
    h('div', { class: 'head' }, h('h2', { dir: 'auto' }, config.title), close),
    offline,
    log,
    down,
    form,
  )
  const root = h(
    'div',
    { class: `root at-${config.position === 'left' ? 'left' : 'right'}`, dir: rtl ? 'rtl' : 'ltr', lang: language },
    page ? null : launch,
    panel,
  )
  shadow.append(root)

  const night = window.matchMedia?.('(prefers-color-scheme: dark)')
  const paint = () => {
    const dark = Boolean(night?.matches)
    const { fill, on, line } = shades(config.accent, dark)
    root.classList.toggle('dark', dark)
    root.style.setProperty('--accent', fill)
    root.style.setProperty('--on-accent', on)
    root.style.setProperty('--accent-line', line)
    if (page) document.documentElement.style.background = dark ? '#141816' : '#fbfaf7'
  }
  paint()
  night?.addEventListener?.('change', paint)

  // A phone's keyboard covers half of a fixed panel; the visible part is what counts.
  const seen = window.visualViewport
  seen?.addEventListener('resize', () => {
    root.style.setProperty('--height', `${seen.height}px`)
    if (atEnd) toEnd()
  })

  // The visitor's own country writes the time, where it speaks the chat's language.
  const here = navigator.language || ''
  const tag = here.startsWith(language) ? here : language
  const clockOf = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, options)
  let today: Intl.DateTimeFormat
  let earlier: Intl.DateTimeFormat
  try {
    today = clockOf({ hour: '2-digit', minute: '2-digit' })
    earlier = clockOf({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  } catch {
    today = earlier = new Intl.DateTimeFormat()
  }
  const act: Act = {
    words,
    base,
    clock: (at) => (new Date(at).toDateString() === new Date().toDateString() ? today : earlier).format(at),
    pick: deeds.pick,
    again: deeds.again,
  }

  let open = page
  let atEnd = true
  const shown = new Map<string, Bubble>()
  const greeting = config.greeting
    ? h(
        'div',
        { class: 'row theirs' },
        h('div', { class: 'bubble' }, paragraph(config.greeting)),
        h('div', { class: 'foot' }),
      )
    : null
  if (greeting) column.append(greeting)
  // A chat that begins without a word says at least what it is.
  const silence = h('p', { class: 'notice' }, words('open'))
  // What is being written: dots, then growing words. Read aloud only once it is a whole message.
  const growing = h(
    'div',
    { class: 'row theirs', 'aria-hidden': 'true', hidden: true },
    h('div', { class: 'bubble' }),
    h('div', { class: 'foot' }),
  )
  column.append(growing)

  const toEnd = () => {
    log.scrollTop = log.scrollHeight
    atEnd = true
    down.hidden = true
  }
  log.addEventListener('scroll', () => {
    atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60
    if (atEnd) down.hidden = true
  })

  const size = () => {
    go.disabled = field.value.trim() === ''
    field.style.height = '44px'
    field.style.height = `${Math.min(Math.max(field.scrollHeight + 2, 44), 140)}px`
  }
  field.addEventListener('input', () => {
    size()
    deeds.draft(field.value)
  })
  const submit = () => {
    const text = field.value.trim()
    if (!text) return
    field.value = ''
    size()
    deeds.draft('')
    deeds.write(text)
    toEnd()
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
    field.focus()
  })
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    submit()
  })
  panel.addEventListener('keydown', (event) => {
    // The page's own shortcuts must not hear what is typed here.
    event.stopPropagation()
    if (page) return
    if (event.key === 'Escape' && !event.isComposing) toggle(false)
    if (event.key === 'Tab') trap(event)
  })

  function trap(event: KeyboardEvent) {
    const stops = [...panel.querySelectorAll<HTMLElement>('button,textarea,a[href],summary,[tabindex="0"]')].filter(
      (stop) => !(stop as HTMLButtonElement).disabled && !stop.hidden && stop.getClientRects().length > 0,
    )
    const [first, last] = [stops[0], stops[stops.length - 1]]
    const now = shadow.activeElement
    if (event.shiftKey ? now === first : now === last) {
      event.preventDefault()
      ;(event.shiftKey ? last : first)?.focus()
    }
  }

  function toggle(next = !open) {
    if (page || next === open) return
    open = next
    panel.hidden = !open
    root.classList.toggle('open', open)
    launch.setAttribute('aria-expanded', String(open))
    deeds.opened(open)
    if (open) {
      toEnd()
      field.focus()
    } else launch.focus()
  }

  function draw(thread: Thread) {
    const messages: { message: WebMessage; state: Entry['state']; why?: string }[] = thread
      .messages()
      .filter((message) => message.content.kind !== 'reaction')
      .map((message) => ({ message, state: 'kept' as const }))
    for (const pending of thread.pending()) {
      const { client_id, at, state, why } = pending
      messages.push({
        state,
        ...(why ? { why } : {}),
        message: {
          id: client_id,
          cursor: 0,
          direction: 'in',
          author: 'visitor',
          name: null,
          content:
            pending.type === 'text'
              ? { kind: 'text', text: pending.text }
              : { kind: 'picked', id: pending.id, title: pending.title },
          citations: [],
          at,
          client_id,
        },
      })
    }
    if (!greeting && messages.length === 0) column.prepend(silence)
    else silence.remove()
    let place: ChildNode | null = greeting ? greeting.nextSibling : column.firstChild
    const there = new Set<string>()
    messages.forEach(({ message, state, why }, i) => {
      const before = messages[i - 1]?.message
      // A message keeps its element when it turns from waiting to kept, so that it is not read aloud again.
      const key = message.client_id ?? message.id
      const entry: Entry = {
        key,
        message,
        state,
        last: i === messages.length - 1,
        lead: before?.author !== message.author || before.name !== message.name || message.at - before.at > GROUP_MS,
        ...(why ? { why } : {}),
      }
      there.add(key)
      const known = shown.get(key)
      const made = known ?? bubble(entry, act)
      if (known) known.update(entry)
      else shown.set(key, made)
      if (made.element === place) place = place.nextSibling
      else column.insertBefore(made.element, place)
    })
    for (const [key, made] of shown) {
      if (there.has(key)) continue
      made.element.remove()
      shown.delete(key)
    }
    column.append(growing)
    if (atEnd) toEnd()
    else if (open) down.hidden = false
  }

  function grow(text: string, typing: boolean) {
    const box = growing.firstElementChild as HTMLElement
    growing.hidden = !text && !typing
    box.replaceChildren(text ? paragraph(text) : h('div', { class: 'dots' }, h('i'), h('i'), h('i')))
    if (atEnd) toEnd()
  }

  const mount = () => {
    if (page) document.body.style.margin = '0'
    document.body.append(host)
    // In somebody's frame (a preview) the caret, and with it the page around, stays where it is.
    if (page && window.top === window) field.focus()
  }
  if (document.body) mount()
  else document.addEventListener('DOMContentLoaded', mount)

  return {
    draw,
    grow,
    toggle,
    isOpen: () => open,
    setDraft(text: string) {
      field.value = text
      size()
    },
    setOffline(on: boolean) {
      offline.hidden = !on
    },
    setUnread(count: number) {
      badge.hidden = count === 0 || open
      badge.textContent = count > 9 ? '9+' : String(count)
      launch.setAttribute(
        'aria-label',
        count > 0 && !open ? `${words('open')} (${words('unread', count)})` : words('open'),
      )
    },
    /** A sentence instead of the chat. */
    close(sentence: string) {
      form.remove()
      column.replaceChildren(h('p', { class: 'notice', dir: 'auto' }, sentence || words('closed')))
    },
  }
}

/** A sheet made by script is allowed where a page's rules forbid style elements. */
function dress(shadow: ShadowRoot) {
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
    shadow.adoptedStyleSheets = [sheet]
  } catch {
    shadow.append(h('style', {}, STYLE))
  }
}
