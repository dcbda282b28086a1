// Asks for a phone number.
import { IconPhone } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconPhone, 'ask_phone')
