// Whose product this is. The program writes it into the first page, so that it is known before anything is drawn.

export type Brand = {
  product_name: string
  /** `#rrggbb`, where the business has chosen no colour of its own. */
  accent: string | null
  /** The address of the picture of the name. */
  logo: string | null
  support: { email: string | null; phone: string | null; url: string | null }
  links: { title: string; url: string }[]
  language: string | null
  start_text: string | null
}

const OURS: Brand = {
  product_name: 'BotFlow',
  accent: null,
  logo: null,
  support: { email: null, phone: null, url: null },
  links: [],
  language: null,
  start_text: null,
}

/** The brand that a page carries; our own where it carries none, as in development. */
export function brandOf(page: Document): Brand {
  const text = page.querySelector('meta[name="brand"]')?.getAttribute('content')
  if (!text) return OURS
  try {
    return { ...OURS, ...(JSON.parse(text) as Partial<Brand>) }
  } catch {
    return OURS
  }
}

export const brand = brandOf(document)
