// Asks for a postal address.
import { IconHome } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconHome, 'ask_address')
