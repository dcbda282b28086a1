// Asks for a day, in any usual way of writing it.
import { IconCalendarQuestion } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconCalendarQuestion, 'ask_date')
