// Countries, languages, currencies and time zones by name, as a reader of `tag` writes them.

const COUNTRIES =
  'AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FR GA GB GD GE GH GM GN GQ GR GT GW GY HK HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KM KR KW KZ LA LB LK LR LS LT LU LV LY MA MC MD ME MG MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NZ OM PA PE PG PH PK PL PR PS PT PY QA RE RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ TL TM TN TO TR TT TW TZ UA UG US UY UZ VC VE VN VU WS YE ZA ZM ZW'
const LANGUAGES =
  'af am ar as az be bg bn bs ca ceb cs cy da de el en es et eu fa fi fil fr ga gl gu ha he hi hr hu hy id ig is it ja jv ka kk km kn ko ku ky lg lo lt lv mg mk ml mn mr ms my nb ne nl ny om or pa pl ps pt rn ro ru rw sd si sk sl sn so sq sr st su sv sw ta te tg th ti tk tl tn tr ts uk ur uz vi wo xh yo zh zu'

export type Option = { value: string; label: string }

function named(codes: string[], tag: string, type: 'region' | 'language' | 'currency'): Option[] {
  const names = new Intl.DisplayNames([tag, 'en'], { type })
  return codes
    .map((value) => {
      let label = value
      try {
        label = names.of(value) ?? value
      } catch {
        // A code this browser does not know keeps its letters.
      }
      const first = label.charAt(0).toLocaleUpperCase(tag) + label.slice(1)
      return { value, label: type === 'currency' ? `${first} (${value})` : first }
    })
    .sort((a, b) => a.label.localeCompare(b.label, tag))
}

function supported(what: 'currency' | 'timeZone'): string[] {
  return typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf(what) : []
}

export const countries = (tag: string) => named(COUNTRIES.split(' '), tag, 'region')
export const languageOptions = (tag: string) => named(LANGUAGES.split(' '), tag, 'language')
export const currencies = (tag: string) => named(supported('currency'), tag, 'currency')

/** "Johannesburg (Africa)" for `Africa/Johannesburg`. */
export function timezones(): Option[] {
  return supported('timeZone').map((value) => {
    const parts = value.replaceAll('_', ' ').split('/')
    const city = parts[parts.length - 1] ?? value
    return { value, label: parts.length > 1 ? `${city} (${parts[0]})` : city }
  })
}

/** The choice in force stays in the list, even when this browser does not know it. */
export function including(options: Option[], value: string): Option[] {
  if (!value || options.some((option) => option.value === value)) return options
  return [{ value, label: value }, ...options]
}
