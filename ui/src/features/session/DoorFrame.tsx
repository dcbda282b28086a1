// The page before the program: the form on one side, what the program does on the other, as a conversation.
import { IconFileText } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Mark } from '@/components/Mark'
import { brand } from '@/lib/brand'
import shell from './Brand.module.css'
import classes from './Door.module.css'

export function DoorFrame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const { t } = useTranslation('session')
  return (
    <div className={classes.door}>
      <main className={classes.side}>
        <div className={classes.form}>
          <div className={classes.brand}>
            <Mark className={shell.mark} size={20} />
            {t('common:product')}
          </div>
          <h1 className={classes.title}>{title}</h1>
          <p className={classes.lead}>{lead}</p>
          {brand.start_text && <p className={classes.lead}>{brand.start_text}</p>}
          {children}
        </div>
      </main>
      <aside className={classes.scene} aria-hidden="true">
        <div className={classes.talk}>
          <span className={classes.stamp}>{t('scene.time')}</span>
          <div className={classes.bubble} data-side="in">
            {t('scene.question')}
          </div>
          <div className={classes.bubble} data-side="out">
            {t('scene.answer')}
            <div className={classes.from}>
              <IconFileText size={16} stroke={1.6} /> {t('scene.source')}
            </div>
          </div>
          <div className={classes.bubble} data-side="in">
            {t('scene.thanks')}
          </div>
        </div>
      </aside>
    </div>
  )
}
