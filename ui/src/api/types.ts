// The names that screens use for what the program sends and takes: the generated contract, and nothing beside it.
import type { components } from './schema'

type Schemas = components['schemas']

/** Milliseconds since 1970. */
export type Time = Schemas['Time']
export type Id = string

export type Page<T> = { items: T[]; next: string | null }
export type List<T> = { items: T[] }

export type ErrorCode = Schemas['ErrorCode']
export type FieldError = Schemas['FieldError']
export type ErrorBody = Schemas['ErrorBody']

// Session
export type User = Schemas['UserInfo']
export type Workspace = Schemas['WorkspaceInfo']
export type SessionInfo = Schemas['SessionInfo']

export type MoveState = Schemas['MoveState']
export type UpdateState = Schemas['UpdateState']
export type LastUpdate = Schemas['LastUpdate']

export type Computer = Schemas['Computer']
export type AwakeState = Schemas['AwakeState']

// Business
export type Guess = Schemas['Guess']
export type Business = Schemas['Business']
export type ChecklistId = Schemas['ChecklistStep']
export type Home = Schemas['Home']
export type Notice = Schemas['NoticeView']

export type ModelState = Schemas['ModelState']
export type AddressState = Schemas['AddressState']
export type Status = Schemas['ProgramStatus']

// Bots
export type Bot = Schemas['Bot']
export type BotChange = Schemas['BotChange']
export type BotTexts = Schemas['BotTexts']

// Knowledge
export type SourceKind = Schemas['SourceKind']
export type SourceState = Schemas['SourceState']
export type Source = Schemas['Source']
export type Pair = Schemas['QuestionAnswer']
export type SourceContent = Schemas['SourceContent']
export type UploadResult = Schemas['AddedFiles']
export type PassageKind = Schemas['PassageKind']
export type Passage = Schemas['Passage']
export type Block = Schemas['DocumentBlock']
export type SourceDocument = Schemas['SourceDocument']
export type Rung = Schemas['Rung']
export type Citation = Schemas['Citation']
export type Answer = Schemas['Answer']
export type Hit = Schemas['Hit']
export type AskResult = Schemas['AskResult']
export type ApprovedAnswer = Schemas['ApprovedAnswer']
export type Gap = Schemas['Gap']

// Conversations
export type ChannelKind = Schemas['ChannelKind']
export type ConversationSummary = Schemas['ConversationSummary']
export type ConversationChange = Schemas['ConversationChange']
export type Person = Schemas['Contact']
export type Conversation = Schemas['Conversation']
export type Media = Schemas['Media']
export type Choice = Schemas['Choice']
export type Content = Schemas['MessageContent']
export type MessageStatus = Schemas['MessageStatus']
export type Problem = Schemas['MessageProblem']
export type Message = Schemas['Message']
export type Why = Schemas['Why']
export type MediaSettings = Schemas['MediaSettings']

// Channels
export type ChannelState = Schemas['ChannelState']
export type ChannelSummary = Schemas['ChannelSummary']
export type WebchatSettings = Schemas['WebchatSettings']
export type WhatsappSettings = Schemas['WhatsAppSettings']
export type FallbackTemplate = Schemas['FallbackTemplate']
export type Channel = Schemas['Channel']
export type ChannelPatch = Schemas['ChannelChange']
export type CheckId = Schemas['SetupStep']
export type CheckState = Schemas['SetupCheckState']
export type Check = Schemas['SetupCheck']
export type Checks = Schemas['SetupChecks']
export type PublicAddress = Schemas['PublicAddress']
/** How the world reaches this computer; all but `none` and `typed` are programs that the program starts. */
export type AddressWay = PublicAddress['way']
export type Tunnel = NonNullable<PublicAddress['tunnel']>
export type TunnelState = Tunnel['state']
export type PublicAddressChange = Schemas['PublicAddressChange']
export type TunnelProgram = Schemas['TunnelProgram']

// Answers: models and keys
export type ProviderKind = Schemas['ProviderKind']
export type Provider = Schemas['Provider']
export type ProviderInput = Schemas['ProviderChange']
export type Threshold = Schemas['Threshold']
export type AnswerSettings = Schemas['AnswerSettings']
export type AnswerSettingsInput = Schemas['AnswerSettingsChange']
export type ProviderTest = Schemas['ProviderTest']
export type Model = Schemas['Model']

// The doctor
export type DoctorReport = Schemas['DoctorReport']
export type DoctorFinding = Schemas['DoctorFinding']
export type Standing = Schemas['Standing']
