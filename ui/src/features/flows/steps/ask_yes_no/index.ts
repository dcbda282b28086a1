// Asks what is answered with yes or no.
import { IconThumbUp } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconThumbUp, 'ask_yes_no')
