// The shapes of flows as the program speaks them. A flow's steps are data; what may stand in them is told by `Kind`.
import type { Content } from '@/api/types'

export type VarType = 'any' | 'text' | 'number' | 'yes_no' | 'date' | 'time' | 'list' | 'object' | 'file' | 'location'
export type KindGroup = 'triggers' | 'messages' | 'questions' | 'ai' | 'logic' | 'data' | 'actions'

export type Input =
  | { input: 'words'; max: number; lines: number }
  | { input: 'plain'; max: number; lines: number }
  | { input: 'value'; of: VarType }
  | { input: 'variable'; of: VarType }
  | { input: 'number'; min: number; max: number; whole: boolean; unit: string }
  | { input: 'duration'; min_ms: number; max_ms: number }
  | { input: 'toggle' }
  | { input: 'pick'; options: { value: string; label: string }[] }
  | { input: 'list'; max: number; noun: string }
  | { input: 'rules' }
  | { input: 'choices'; max: number; descriptions: boolean }
  | { input: 'items'; max: number; noun: string; fields: Field[] }
  | { input: 'media'; kinds: ('image' | 'video' | 'audio' | 'document')[] }
  | { input: 'step' | 'flow' | 'json' | 'cron' | 'hours' | 'sources' | 'secret' }
  | { input: 'code'; language: 'javascript' }

export type Field = {
  name: string
  label: string
  help: string
  required: boolean
  input: Input
  shown_if?: { field: string; is: string[] }
}

export type Branch = { name: string; title: string; needed: boolean }

/** Everything the builder knows of a kind of step; it comes from the program. */
export type Kind = {
  name: string
  group: KindGroup
  title: string
  help: string
  fields: Field[]
  branches: Branch[]
  /** The list field of which each item's id is a way, too. */
  branches_from?: string
  /** It works with something outside, which may fail. */
  outside: boolean
  /** A flow begins here; nothing leads to it. */
  entry: boolean
  writes: { name: string; type: VarType }[]
  defaults: Record<string, unknown>
  example: Record<string, unknown>
  example_says: string
  channels: { channel: 'whatsapp' | 'webchat'; note: string }[]
}

export type Failure = {
  timeout_ms?: number
  retries: number
  wait_ms: number
  then: 'stop' | 'branch' | 'default'
  value?: unknown
}
export type Step = {
  id: string
  kind: string
  title?: string
  position: { x: number; y: number }
  fields: Record<string, unknown>
  failure?: Failure
  group?: string
}
export type Edge = { from: string; branch: string; to: string }
export type Group = { id: string; title: string }
export type Port = { name: string; type: VarType; help?: string }
export type Flow = {
  id: string
  name: string
  folder?: string
  inputs: Port[]
  outputs: Port[]
  steps: Step[]
  edges: Edge[]
  groups: Group[]
}
export type Settings = {
  human_words: string[]
  restart_words: string[]
  stop_words: string[]
  back_words: string[]
  limits: { steps: number; messages: number; hours: number; cents: number }
}
export type Definition = { format: number; settings: Settings; flows: Flow[] }

export type Finding = {
  severity: 'error' | 'warning'
  flow?: string | null
  step?: string | null
  field?: string | null
  at?: { from: number; to: number } | null
  message: string
  fix: string
}

export type FlowSummary = {
  id: string
  name: string
  folder: string
  steps: number
  revision: number
  updated_at: number
  deleted_at?: number | null
  errors: number
  warnings: number
}
export type FlowList = {
  items: FlowSummary[]
  settings: Settings
  published: { version: number; name: string; published_at: number } | null
  changed: boolean
}
export type FlowDraft = {
  id: string
  name: string
  folder: string
  revision: number
  updated_at: number
  flow: Flow
  findings: Finding[]
}

/** Step by step traffic of the last days. */
export type Traffic = {
  steps: { step: string; entered: number; left_here: number }[]
  edges: { step: string; branch: string; taken: number }[]
  waiting: { step: string; count: number }[]
}
export type Coverage = {
  steps: string[]
  branches: { step: string; branch: string }[]
  of_steps: number
  of_branches: number
}

export type Action =
  | { do: 'say'; text: string }
  | { do: 'pick'; id: string; title: string }
  | { do: 'send_file'; kind: 'image' | 'video' | 'audio' | 'document'; filename: string }
  | { do: 'send_location'; latitude: number; longitude: number }
  | { do: 'pass'; ms: number }
  | { do: 'until_next' }
  | { do: 'trigger'; step: string }
  | { do: 'person'; on: boolean }
  | { do: 'set'; name: string; value: unknown }
  | { do: 'outcome'; seq: number; outcome: unknown }
  | { do: 'fail'; seq?: number; how: 'http_500' | 'timeout' | 'channel' | 'model' }
  | { do: 'edit'; nth: number; text: string }
  | { do: 'delete'; nth: number }

export type Simulation = {
  flow?: string
  start_at: number
  channel: 'webchat' | 'whatsapp'
  contact: Record<string, unknown>
  first_contact: boolean
  actions: Action[]
  /** Outside effects that are safe (knowledge, models, code) are really performed. */
  live: boolean
}
export type Line = {
  at: number
  /** Which action caused it. */
  action: number
  who: 'customer' | 'bot' | 'note'
  content?: Content | null
  text?: string | null
  flow?: string | null
  step?: string | null
}
export type Simulated = {
  actions: Action[]
  now: number
  status: 'active' | 'waiting' | 'handed' | 'ended' | 'failed'
  lines: Line[]
  path: { flow: string; step: string; branch?: string | null; at: number; action: number }[]
  variables: Record<string, unknown>
  contact: Record<string, unknown>
  waits?: { for: 'reply' | 'effect' | 'time' | 'join'; until?: number | null; step: string } | null
  pending: { seq: number; step: string; effect: string; says: string }[]
  window_open: boolean
  error?: string | null
}
export type FlowTest = {
  id: string
  name: string
  script: Simulation
  expected: Line[]
  last?: { passed: boolean; difference?: Difference | null; at: number } | null
}
export type Difference = { line: number; expected?: string | null; got?: string | null }
export type TestRun = {
  results: { id: string; name: string; passed: boolean; difference?: Difference | null }[]
  coverage: Coverage
}

export type Version = {
  id: string
  number: number
  name: string
  note: string
  created_at: number
  published_at?: number | null
  publish_at?: number | null
  by: string
  current: boolean
}
export type Change = 'added' | 'removed' | 'changed'
export type Changes = {
  flows: {
    flow: string
    name: string
    change: Change
    steps: {
      step: string
      kind: string
      title: string
      change: Change
      fields: { name: string; label: string; before?: unknown; after?: unknown }[]
    }[]
    edges: { from: string; branch: string; to: string; change: Change }[]
  }[]
}
export type PublishPreview = {
  findings: Finding[]
  tests: { passed: number; failed: number; first_failure?: string | null }
  changes: Changes
  open: {
    /** Null for a run without a customer. */
    conversation: string | null
    contact: string
    flow: string
    step: string
    step_title: string
    problem?: string | null
  }[]
}

export type Run = {
  id: string
  conversation?: string | null
  contact?: string | null
  flow: string
  step?: string | null
  step_title?: string | null
  status: string
  started_at: number
  updated_at: number
  problem?: string | null
  version: number
}
export type RunEntry = {
  at: number
  flow: string
  step?: string | null
  step_title?: string | null
  kind?: string | null
  /** What happened there. */
  title: string
  note: string
  input?: unknown
  output?: unknown
  ms?: number | null
  cost_cents?: number | null
  branch?: string | null
}
/** What a run waits for a person to say yes or no to. */
export type Decision = { seq: number; title: string; details: string }
export type RunTimeline = { run: Run; entries: RunEntry[]; decisions: Decision[] }
export type Template = { id: string; name: string; about: string; flows: number; steps: number; tests: number }

export type RunState = 'open' | 'failed' | 'stuck' | 'done'
/** `at`: publish then, in ms; `moved`: conversations that go on in the new version whatever `move` says. */
export type PublishRequest = {
  name?: string
  note?: string
  at?: number
  move: 'none' | 'safe' | 'all'
  moved: string[]
}
export type Preview = { result?: string | null; problem?: { message: string; from: number; to: number } | null }
/** `url`: on the public address, null until one is set; `path`: the part behind it; `body`: as it came. */
export type Hook = { url: string | null; path: string; sample?: { at: number; body: string } | null }
