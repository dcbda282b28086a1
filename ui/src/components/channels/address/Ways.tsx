// How the world reaches this computer: one way is chosen, and saved by a button. Choosing again undoes it.
import { useQuery } from '@tanstack/react-query'
import { useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tunnelProgramsQuery } from '@/api/queries'
import type { AddressWay, PublicAddress } from '@/api/types'
import classes from './Address.module.css'
import { WayCard } from './WayCard'
import { WayForm } from './WayForm'
import { FIELDS, keptOf, programOf, WAYS, type Wish } from './wishes'

export function Ways({ address }: { address: PublicAddress }) {
  const { t } = useTranslation('address')
  const programs = useQuery(tunnelProgramsQuery)
  const [wished, setWished] = useState<AddressWay | null>(null)
  // What was typed into a card stays there while the others are looked at.
  const [drafts, setDrafts] = useState<Partial<Record<AddressWay, Partial<Wish>>>>({})
  const name = useId()
  const ways = useRef<HTMLFieldSetElement>(null)
  const chosen = wished ?? address.way
  /** The button that was pressed goes away: the focus stays with what it was about. */
  const settle = (way: AddressWay) => {
    setWished(null)
    setDrafts((all) => ({ ...all, [way]: {} }))
    ways.current?.querySelector<HTMLInputElement>(`input[value="${way}"]`)?.focus()
  }
  return (
    <fieldset ref={ways} className={classes.ways}>
      <legend className={classes.legend}>{t('ways')}</legend>
      {WAYS.map((way) => {
        const kept = keptOf(way, address)
        const wish = { ...kept, ...drafts[way] }
        const changed = way !== address.way || FIELDS[way].some((field) => wish[field] !== kept[field])
        return (
          <WayCard
            key={way}
            way={way}
            name={name}
            checked={way === chosen}
            inUse={way === address.way && way !== 'none'}
            program={programs.data?.items.find((item) => item.way === programOf(way))}
            pointed={kept.program}
            onChoose={() => setWished(way)}
          >
            {way === chosen && (way !== 'none' || changed) && (
              <WayForm
                way={way}
                address={address}
                wish={wish}
                changed={changed}
                found={programs.data?.items.find((item) => item.way === programOf(way))?.found !== null}
                onType={(field, value) => setDrafts((all) => ({ ...all, [way]: { ...all[way], [field]: value } }))}
                lookAgain={() => void programs.refetch()}
                looking={programs.isFetching}
                onSaved={() => settle(way)}
                onCancel={() => {
                  setDrafts((all) => ({ ...all, [way]: {} }))
                  settle(address.way)
                }}
              />
            )}
          </WayCard>
        )
      })}
    </fieldset>
  )
}
