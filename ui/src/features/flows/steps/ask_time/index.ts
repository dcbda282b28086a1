// Asks for a time of the day.
import { IconClockQuestion } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconClockQuestion, 'ask_time')
