// The names that screens use for what the program sends: the generated contract, with what its names cannot say put right.
import type { components } from './schema'

type Schemas = components['schemas']

/** What the program sends: every field is written, `null` where there is nothing. */
type Sent<T> = T extends (infer Item)[]
  ? Sent<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Sent<Exclude<T[Key], undefined>> }
    : T

/** Milliseconds since 1970. */
export type Time = Schemas['Time']
export type Id = string

export type Page<T> = { items: T[]; next: string | null }
export type List<T> = { items: T[] }

export type ErrorCode = Schemas['ErrorCode']
export type FieldError = Schemas['FieldError']
export type ErrorBody = Schemas['ErrorBody']

// Session
export type User = Sent<Schemas['UserInfo']>
export type Workspace = Sent<Schemas['WorkspaceInfo']>
export type SessionInfo = Sent<Schemas['SessionInfo']>

// Business
export type Guess = Sent<Schemas['Guess']>
export type Business = Sent<Schemas['Business']>
export type ChecklistId = 'business' | 'knowledge' | 'ask' | 'channel' | 'first_message'
export type Home = Omit<Sent<Schemas['Home']>, 'checklist' | 'waiting'> & {
  waiting: ConversationSummary[]
  checklist: { id: ChecklistId; done: boolean }[]
}

export type ModelState = Schemas['ModelState']
export type AddressState = Schemas['AddressState']
/** The contract's own `Status` is that of a conversation: two things share the name. */
export type Status = {
  version: string
  public_address: Sent<Schemas['AddressStatus']>
  queue: Sent<Schemas['QueueStatus']>
  models: Sent<Schemas['ModelStates']>
  disk: Sent<Schemas['DiskStatus']>
  answering: boolean
  search_model_missing: boolean
}

// Bots
export type Bot = Sent<Schemas['Bot']>
export type BotTexts = Sent<Schemas['Texts']>
export type StepKind = Schemas['StepKind']['kind']
export type FlowStep = {
  id: string
  title: string | null
  position: Schemas['Position']
  kind: StepKind
  [setting: string]: unknown
}
export type FlowEdge = Schemas['Edge']
export type Flow = Omit<Sent<Schemas['Flow']>, 'steps'> & { steps: FlowStep[] }
export type Finding = Sent<Schemas['Finding']>
export type BotFlow = { version: number; flow: Flow; findings: Finding[] }

// Knowledge
export type SourceKind = Schemas['SourceKind']
export type SourceState = Schemas['SourceState']
export type Source = Sent<Schemas['SourceView']>
export type Pair = Schemas['QuestionAnswer']
/** The contract's own `Content` is that of a message: two things share the name. */
export type SourceContent = { kind: SourceKind; html?: string; pairs?: Pair[] }
export type UploadResult = Sent<Schemas['AddedFiles']>
export type PassageKind = Schemas['PassageKind']
export type Passage = Sent<Schemas['PassageView']>
export type Block = Schemas['DocumentBlock']
export type SourceDocument = Omit<Schemas['DocumentView'], 'blocks'> & { blocks: Block[] }
export type Rung = Schemas['Rung']
export type Citation = Sent<Schemas['Citation']>
/** The contract's own `Answer` is a step of a flow: two things share the name. */
export type Answer = {
  text: string
  rung: Rung
  /** 0 to 1. */
  confidence: number
  citations: Citation[]
  approved_id: Id | null
  /** Which language model worded it. */
  model: string | null
  ms: number
}
export type Hit = Sent<Schemas['Hit']>
export type AskResult = { answer: Answer | null; hits: Hit[]; ms: number }
export type ApprovedAnswer = Sent<Schemas['ApprovedView']>
export type Gap = Sent<Schemas['GapView']>

// Conversations
export type ChannelKind = Schemas['ChannelKind']
export type ConversationSummary = Omit<Sent<Schemas['ConversationSummary']>, 'channel' | 'status'> & {
  channel: { id: Id; kind: ChannelKind; name: string }
  status: 'open' | 'resolved'
}
export type Person = Sent<Schemas['ContactView']>
export type Conversation = ConversationSummary & { person: Person; run_status: string | null }
export type Media = Schemas['Media']
export type Choice = Schemas['Choice']
export type Content =
  | Exclude<Schemas['Content'], { kind: 'contacts' }>
  | { kind: 'contacts'; contacts: Sent<Schemas['ContactCard']>[] }
export type MessageStatus = Schemas['MessageStatus']
export type Problem = Sent<Schemas['MessageProblem']>
/** The contract's own `Message` is a step of a flow: two things share the name. */
export type Message = {
  id: Id
  direction: 'in' | 'out'
  author: Sent<Schemas['MessageAuthor']>
  content: Content
  status: MessageStatus
  error: Problem | null
  answer: Answer | null
  reactions: Schemas['Reaction'][]
  replied_to: string | null
  edited_at: Time | null
  deleted: boolean
  at: Time
}
export type Why = Omit<Sent<Schemas['Why']>, 'rung'> & { rung: Rung | null }

// Channels
export type ChannelState = Schemas['ChannelState']
export type ChannelSummary = Sent<Schemas['ChannelSummary']>
export type WebchatSettings = Omit<Sent<Schemas['WebchatView']>, 'position'> & { position: 'left' | 'right' }
export type WhatsappSettings = Sent<Schemas['WhatsAppView']>
export type Channel = ChannelSummary & {
  created_at: Time
  webchat: WebchatSettings | null
  whatsapp: WhatsappSettings | null
}
export type ChannelPatch = Schemas['ChannelChange']
export type CheckId = 'app' | 'secret' | 'token' | 'number' | 'address' | 'webhook' | 'message'
export type CheckState = Schemas['CheckState']
/** The contract's own `Step` is that of a flow: two things share the name. */
export type Check = Omit<Sent<Schemas['Check']>, 'id'> & { id: CheckId }
export type Checks = { checks: Check[] }
export type PublicAddress = Sent<Schemas['PublicAddress']>

// Answers: models and keys
export type ProviderKind = Schemas['ProviderKind']
export type Provider = Sent<Schemas['ProviderView']>
export type ProviderInput = Schemas['ProviderChange']
export type Threshold = Schemas['Threshold']
export type AnswerSettings = Sent<Schemas['AnswerSettingsView']>
export type AnswerSettingsInput = Schemas['AnswerSettingsChange']
export type ProviderTest = Schemas['Tried']
export type Model = Sent<Schemas['Model']>
