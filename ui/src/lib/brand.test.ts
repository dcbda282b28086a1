import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { i18next } from '@/i18n'
import { brandOf } from './brand'

const page = (content: string | null) => {
  const doc = document.implementation.createHTMLDocument()
  if (content !== null) {
    const meta = doc.createElement('meta')
    meta.setAttribute('name', 'brand')
    meta.setAttribute('content', content)
    doc.head.append(meta)
  }
  return doc
}

describe('brand', () => {
  it.each([
    [null, 'BotFlow'],
    ['', 'BotFlow'],
    ['{"product_na', 'BotFlow'],
    ['{"product_name":"Help Desk"}', 'Help Desk'],
  ])('a page that carries %s is of %s', (content, name) => expect(brandOf(page(content)).product_name).toBe(name))

  it('is named by its own name in the words', () => {
    expect(i18next.t('product')).toBe('BotFlow')
    expect(i18next.t('status.title')).toContain('BotFlow')
    expect(i18next.t('product', { product: 'Help Desk' })).toBe('Help Desk')
  })

  it('has no words that name the product themselves', () => {
    const folder = join(process.cwd(), 'src/i18n/en')
    const named = readdirSync(folder).filter((file) => readFileSync(join(folder, file), 'utf8').includes('BotFlow'))
    expect(named).toEqual([])
  })
})
