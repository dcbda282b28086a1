// The mark of the product: the brand's own picture, or a speech bubble on the accent.
import { IconMessageCircleFilled } from '@tabler/icons-react'
import { brand } from '@/lib/brand'
import classes from './Mark.module.css'

/** `className` is that of the bubble's ground; a picture of the brand brings its own. */
export function Mark({ className, size = 18 }: { className: string | undefined; size?: number }) {
  if (brand.logo) return <img className={classes.picture} src={brand.logo} alt="" />
  return (
    <span className={className} aria-hidden="true">
      <IconMessageCircleFilled size={size} />
    </span>
  )
}
