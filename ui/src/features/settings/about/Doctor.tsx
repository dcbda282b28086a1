// Looks at everything the program needs, says what to do, and saves a report for support.
import { Button } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconDownload,
  IconStethoscope,
  type TablerIcon,
} from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { get, postForFile } from '@/api/client'
import type { DoctorFinding, DoctorReport, Standing } from '@/api/types'
import { errorText } from '@/components/errorText'
import { tell, tellError } from '@/components/notice'
import { Panel } from '@/components/Panel'
import { Loading } from '@/components/States'
import classes from './Doctor.module.css'

const ICONS: Record<Standing, TablerIcon> = { good: IconCircleCheck, attention: IconAlertTriangle, bad: IconCircleX }
/** What wants somebody comes first. */
const ORDER: Standing[] = ['bad', 'attention', 'good']

export function Doctor() {
  const { t } = useTranslation('settings')
  const check = useMutation({ mutationFn: () => get<DoctorReport>('/doctor') })
  const save = useMutation({
    mutationFn: () => postForFile('/support-bundle'),
    onSuccess: (file) => {
      keep(file, 'support-report.zip')
      tell(t('about.doctor.saved'))
    },
    onError: tellError,
  })
  return (
    <Panel title={t('about.doctor.title')} lead={t('about.doctor.lead')}>
      <div className={classes.stack}>
        <div className={classes.buttons}>
          <Button leftSection={<IconStethoscope size={16} />} loading={check.isPending} onClick={() => check.mutate()}>
            {t(check.data ? 'about.doctor.again' : 'about.doctor.check')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            loading={save.isPending}
            aria-describedby="report-hint"
            onClick={() => save.mutate()}
          >
            {t('about.doctor.save')}
          </Button>
        </div>
        <p className={classes.note} id="report-hint">
          {t('about.doctor.saveHint')}
        </p>
        {check.isPending && (
          <>
            <p className={classes.note}>{t('about.doctor.checking')}</p>
            <Loading shape="text" count={4} />
          </>
        )}
        {check.isError && (
          <p className={classes.failed} role="alert">
            <strong>{t('about.doctor.failed')}</strong> {errorText(check.error)}
          </p>
        )}
        {check.data && <Findings report={check.data} />}
      </div>
    </Panel>
  )
}

function Findings({ report }: { report: DoctorReport }) {
  const { t } = useTranslation('settings')
  const count = (standing: Standing) => report.findings.filter((finding) => finding.standing === standing).length
  const said =
    report.standing === 'good'
      ? t('about.doctor.allWell')
      : t(`about.doctor.${report.standing}`, { count: count(report.standing) })
  const sorted = ORDER.flatMap((standing) => report.findings.filter((finding) => finding.standing === standing))
  return (
    <div className={classes.report}>
      <p className={classes.said} role="status">
        {said}
      </p>
      <ul className={classes.list}>
        {sorted.map((finding, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes, and two channels may share a name.
          <Line key={place} finding={finding} />
        ))}
      </ul>
    </div>
  )
}

function Line({ finding }: { finding: DoctorFinding }) {
  const { t } = useTranslation('settings')
  const Icon = ICONS[finding.standing]
  return (
    <li className={classes.line} data-standing={finding.standing}>
      <Icon className={classes.icon} size={20} stroke={1.8} aria-hidden />
      <div className={classes.words}>
        <p className={classes.name}>
          <span>
            <bdi>{finding.name}</bdi>
            {finding.of && (
              <>
                {' · '}
                <bdi>{finding.of}</bdi>
              </>
            )}
          </span>
          <span className={classes.standing}>{t(`about.doctor.standing.${finding.standing}`)}</span>
        </p>
        <p className={classes.sentence}>
          <bdi>{finding.sentence}</bdi>
        </p>
        {finding.fix && (
          <p className={classes.fix}>
            <bdi>{t('about.doctor.fix', { fix: finding.fix })}</bdi>
          </p>
        )}
      </div>
    </li>
  )
}

/** Hands a file to the browser, which keeps it where it keeps downloads. */
function keep(file: Blob, name: string) {
  const address = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // Later: some browsers have not begun to read it yet.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
