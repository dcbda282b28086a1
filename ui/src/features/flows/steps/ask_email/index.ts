// Asks for an email address.
import { IconMail } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconMail, 'ask_email')
