// One way to this computer as a card: what it is, whether its program is here, and what it asks for when it is chosen.
import type { ReactNode } from 'react'
import { Trans, useTranslation } from 'react-i18next'
import type { AddressWay, TunnelProgram } from '@/api/types'
import { Tag } from '@/components/Tag'
import classes from './Address.module.css'
import { isTunnel } from './wishes'

export function WayCard({
  way,
  name,
  checked,
  inUse,
  program,
  pointed,
  onChoose,
  children,
}: {
  way: AddressWay
  /** Of the group of choices. */
  name: string
  checked: boolean
  inUse: boolean
  /** Unknown while it is looked for. */
  program: TunnelProgram | undefined
  /** Where the owner said that it is, or nothing. */
  pointed: string
  onChoose: () => void
  children?: ReactNode
}) {
  const { t } = useTranslation('address')
  const id = `${name}-${way}`
  return (
    <div className={classes.card} data-checked={checked || undefined}>
      <div className={classes.head}>
        <input
          type="radio"
          className={classes.radio}
          id={id}
          name={name}
          value={way}
          checked={checked}
          onChange={onChoose}
          aria-describedby={`${id}-use ${id}-text`}
        />
        <div className={classes.words}>
          <div className={classes.title}>
            <label htmlFor={id} className={classes.name}>
              {t(`way.${way}`)}
            </label>
            <span id={`${id}-use`}>{inUse && <Tag tone="ok">{t('inUse')}</Tag>}</span>
          </div>
          <div id={`${id}-text`} className={classes.text}>
            <span>{t(`wayText.${way}`)}</span>
            {isTunnel(way) && program && <Found program={program} pointed={pointed} />}
          </div>
        </div>
      </div>
      {children && <div className={classes.body}>{children}</div>}
    </div>
  )
}

function Found({ program, pointed }: { program: TunnelProgram; pointed: string }) {
  const { t } = useTranslation('address')
  const path = pointed || program.found
  if (!path)
    return (
      <span>
        <strong>{t('notFound')}</strong> {program.advice}
      </span>
    )
  const version = path === program.found ? program.version : null
  const key = pointed ? 'pointed' : 'found'
  return (
    <span>
      <Trans
        t={t}
        i18nKey={version ? `${key}Version` : key}
        values={{ path, version }}
        components={[<span key="0" />, <bdi key="1" dir="ltr" className={classes.path} />]}
      />
    </span>
  )
}
