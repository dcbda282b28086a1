// What the public listener sends and takes.

export type Choice = { id: string; title: string; description?: string }
export type Media = { url?: string; mime: string; filename?: string }

/** The kinds a visitor may meet; anything else is shown as "cannot be shown here". */
export type Content =
  | { kind: 'text' | 'location_request'; text: string }
  | { kind: 'image' | 'video' | 'document'; media: Media; caption?: string }
  | { kind: 'audio' | 'sticker'; media: Media }
  | { kind: 'location'; latitude: number; longitude: number; name?: string; address?: string }
  | { kind: 'contacts'; contacts: { name: string; phones: string[] }[] }
  | { kind: 'buttons'; text: string; footer?: string; buttons: Choice[] }
  | { kind: 'list'; text: string; button: string; sections: { title: string; rows: Choice[] }[] }
  | { kind: 'link'; text: string; label: string; url: string }
  | { kind: 'picked'; id: string; title: string }
  | { kind: 'reaction' }
  | { kind: 'unsupported' }

export type WebMessage = {
  id: string
  cursor: number
  direction: 'in' | 'out'
  author: 'visitor' | 'bot' | 'person'
  name: string | null
  content: Content
  citations: { title: string; page: number | null }[]
  at: number
  client_id?: string
}

export type Config = {
  title: string
  greeting: string
  accent: string | null
  position: 'left' | 'right'
  language: string
}

export type Session = { token: string; messages: WebMessage[]; cursor: number }
export type Batch = { messages: WebMessage[]; cursor: number; typing?: boolean }

/** What the visitor sends; `client_id` stays the same however often it is sent. */
export type Outgoing = { client_id: string; at: number } & (
  | { type: 'text'; text: string }
  | { type: 'pick'; id: string; title: string }
)
