// The look: inks, type, spacing and shapes, light and dark, with the accent of the business in it.
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from '@mantine/core'
import { i18next } from '@/i18n'
import { contrast, mix, parseHex, type Rgb, readableOn, shades, toHex } from '@/lib/color'

export const INK = '#17211d'
export const PAPER = '#fbfaf7'
export const ACCENT = '#0b7a5c'

const tuple = (colors: string[]) => colors as unknown as MantineColorsTuple
const fromHex = (hex: string): Rgb => parseHex(hex) ?? [0, 0, 0]

/** Accent for each scheme, moved until words in it and on it can be read. `adjusted`: light mode had to move it. */
export function accents(wish: string | null) {
  const base = parseHex(wish ?? ACCENT) ?? fromHex(ACCENT)
  const light = readableOn(readableOn(base, fromHex(PAPER)), [255, 255, 255])
  // On night the default accent becomes a soft green by design; other brands are lightened until they read.
  const dark = wish === null ? fromHex('#5cc5a3') : readableOn(mix(base, [255, 255, 255], 0.25), [30, 36, 33], 5.5)
  return {
    light: toHex(light),
    dark: toHex(dark),
    onLight: '#ffffff',
    onDark: contrast(dark, [6, 26, 20]) >= 4.5 ? '#06190f' : '#ffffff',
    adjusted: toHex(light) !== toHex(base),
  }
}

export function makeTheme(accent: string | null): MantineThemeOverride {
  const tones = accents(accent)
  const soft = '0 1px 2px rgb(23 33 29 / 0.05), 0 6px 20px rgb(23 33 29 / 0.07)'
  return createTheme({
    colors: {
      accent: tuple(shades(fromHex(tones.light))),
      attention: tuple(shades(fromHex('#b04d14'))),
      danger: tuple(shades(fromHex('#b3261e'))),
      red: tuple(shades(fromHex('#b3261e'))),
      gray: tuple([
        '#f7f5f0',
        '#f1eee7',
        '#e8e4db',
        '#dbd6ca',
        '#c2bcae',
        '#8f8b80',
        '#6b6e68',
        '#4e5651',
        '#333c38',
        '#17211d',
      ]),
      dark: tuple([
        '#e9ece7',
        '#c6ccc6',
        '#9fa8a2',
        '#6f7973',
        '#3a433e',
        '#2d3531',
        '#1e2421',
        '#141816',
        '#101312',
        '#0b0e0d',
      ]),
    },
    // Words on the accent: white by day, ink by night, where the accent is light.
    variantColorResolver: (input) => {
      const colors = defaultVariantColorsResolver(input)
      const onAccent = input.variant === 'filled' && (input.color === undefined || input.color === 'accent')
      return onAccent ? { ...colors, color: 'var(--bf-on-accent)' } : colors
    },
    primaryColor: 'accent',
    primaryShade: 6,
    black: INK,
    white: '#ffffff',
    fontFamily: "'Inter Variable', 'Noto Sans Scripts', system-ui, 'Noto Sans', sans-serif",
    fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Noto Sans Mono', Menlo, monospace",
    fontSizes: { xs: '12px', sm: '13px', md: '15px', lg: '18px', xl: '24px' },
    lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.4', xl: '1.3' },
    spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
    radius: { xs: '4px', sm: '8px', md: '10px', lg: '10px', xl: '999px' },
    defaultRadius: 'md',
    shadows: { xs: soft, sm: soft, md: soft, lg: soft, xl: soft },
    headings: {
      fontWeight: '620',
      sizes: {
        h1: { fontSize: '24px', lineHeight: '1.3' },
        h2: { fontSize: '18px', lineHeight: '1.35' },
        h3: { fontSize: '15px', lineHeight: '1.45' },
        h4: { fontSize: '15px', lineHeight: '1.45' },
      },
    },
    cursorType: 'pointer',
    focusRing: 'auto',
    respectReducedMotion: true,
    components: {
      Button: { defaultProps: { size: 'sm' } },
      CloseButton: { defaultProps: { 'aria-label': i18next.t('close') } },
      ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 36 } },
      TextInput: { defaultProps: { size: 'md' } },
      PasswordInput: {
        defaultProps: { size: 'md', visibilityToggleButtonProps: { 'aria-label': i18next.t('showPassword') } },
      },
      Textarea: { defaultProps: { size: 'md', autosize: true, minRows: 2 } },
      Select: { defaultProps: { size: 'md', allowDeselect: false, comboboxProps: { shadow: 'md' } } },
      NumberInput: { defaultProps: { size: 'md' } },
      FileInput: { defaultProps: { size: 'md' } },
      Tooltip: {
        defaultProps: { openDelay: 300, withArrow: false, events: { hover: true, focus: true, touch: false } },
      },
      Modal: {
        defaultProps: { centered: true, radius: 'md', padding: 'lg', overlayProps: { backgroundOpacity: 0.4 } },
      },
      Drawer: { defaultProps: { padding: 'lg', overlayProps: { backgroundOpacity: 0.4 } } },
      // Without the placeholder the first thing that can be done has the focus, and a menu holds nothing but its items.
      Menu: {
        defaultProps: {
          shadow: 'md',
          position: 'bottom-end',
          withinPortal: true,
          withInitialFocusPlaceholder: false,
        },
      },
      Switch: { defaultProps: { size: 'md' } },
      Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 550 } },
      Progress: { defaultProps: { size: 6, radius: 'xl' } },
    },
  })
}

/** Our own variables (`--bf-…`), which style modules use, and Mantine's, which its components use. */
export const resolveVariables =
  (accent: string | null): CSSVariablesResolver =>
  () => {
    const tones = accents(accent)
    const accentVariables = (color: string, on: string) => {
      // Words on a field of the accent's own soft tone, which may lie on a sunken ground.
      const onSoft = `color-mix(in oklab, ${color} 78%, var(--bf-ink))`
      return {
        '--bf-accent': color,
        '--bf-on-accent': on,
        '--bf-accent-soft': `color-mix(in oklab, ${color} 11%, var(--bf-surface))`,
        '--bf-accent-line': `color-mix(in oklab, ${color} 32%, var(--bf-surface))`,
        '--mantine-primary-color-filled': color,
        '--mantine-primary-color-filled-hover': `color-mix(in oklab, ${color} 90%, var(--bf-ink))`,
        '--mantine-primary-color-contrast': on,
        '--mantine-primary-color-light': `color-mix(in oklab, ${color} 11%, transparent)`,
        '--mantine-primary-color-light-hover': `color-mix(in oklab, ${color} 17%, transparent)`,
        '--mantine-primary-color-light-color': onSoft,
        '--mantine-color-accent-filled': color,
        '--mantine-color-accent-filled-hover': `color-mix(in oklab, ${color} 90%, var(--bf-ink))`,
        '--mantine-color-accent-light': `color-mix(in oklab, ${color} 11%, transparent)`,
        '--mantine-color-accent-light-hover': `color-mix(in oklab, ${color} 17%, transparent)`,
        '--mantine-color-accent-light-color': onSoft,
        '--mantine-color-accent-outline': color,
        '--mantine-color-accent-text': color,
        '--mantine-color-anchor': color,
      }
    }
    return {
      variables: {},
      light: {
        '--bf-ink': INK,
        '--bf-muted': '#59635e',
        '--bf-faint': '#8b918c',
        '--bf-paper': PAPER,
        '--bf-surface': '#ffffff',
        '--bf-sunken': '#f4f2ec',
        '--bf-rail': '#f5f3ed',
        '--bf-line': '#e7e3d9',
        '--bf-line-strong': '#d3cec1',
        '--bf-attention': '#b04d14',
        '--bf-attention-soft': '#fbeee4',
        '--bf-danger': '#b3261e',
        '--bf-danger-soft': '#fbeae8',
        '--bf-mark': '#fff0b8',
        '--bf-shadow': '0 1px 2px rgb(23 33 29 / 0.05), 0 6px 20px rgb(23 33 29 / 0.07)',
        ...accentVariables(tones.light, tones.onLight),
        '--mantine-color-body': PAPER,
        '--mantine-color-text': INK,
        '--mantine-color-dimmed': '#59635e',
        '--mantine-color-placeholder': '#747a75',
        '--mantine-color-error': '#b3261e',
        '--mantine-color-default': '#ffffff',
        '--mantine-color-default-hover': '#f7f5f0',
        '--mantine-color-default-border': '#d9d4c8',
      },
      dark: {
        '--bf-ink': '#e9ece7',
        '--bf-muted': '#a6afa9',
        '--bf-faint': '#7a847e',
        '--bf-paper': '#141816',
        '--bf-surface': '#1c211f',
        '--bf-sunken': '#101412',
        '--bf-rail': '#111513',
        '--bf-line': '#2a312d',
        '--bf-line-strong': '#3b443f',
        '--bf-attention': '#f0a06c',
        '--bf-attention-soft': '#33251b',
        '--bf-danger': '#f28b82',
        '--bf-danger-soft': '#361f1d',
        '--bf-mark': '#5a4a13',
        '--bf-shadow': '0 1px 2px rgb(0 0 0 / 0.3), 0 8px 24px rgb(0 0 0 / 0.35)',
        ...accentVariables(tones.dark, tones.onDark),
        '--mantine-color-body': '#141816',
        '--mantine-color-text': '#e9ece7',
        '--mantine-color-dimmed': '#a6afa9',
        '--mantine-color-placeholder': '#7f8983',
        '--mantine-color-error': '#f28b82',
        '--mantine-color-default': '#1c211f',
        '--mantine-color-default-hover': '#242a27',
        '--mantine-color-default-border': '#37403b',
        '--mantine-color-danger-filled': '#c9463d',
        // Menus take the sixth shade whatever the scheme.
        '--mantine-color-danger-6': '#f28b82',
        '--mantine-color-danger-light-color': '#f28b82',
        '--mantine-color-attention-light-color': '#f0a06c',
      },
    }
  }
