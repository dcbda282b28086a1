// Asks for a web address.
import { IconWorld } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconWorld, 'ask_link')
