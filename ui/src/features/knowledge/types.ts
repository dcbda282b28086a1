// The ways in which knowledge is added.

export const ADD_KINDS = ['file', 'web', 'text', 'pairs'] as const
export type AddKind = (typeof ADD_KINDS)[number]
export const isAddKind = (value: unknown): value is AddKind => ADD_KINDS.includes(value as AddKind)
