// Asks for words, such as a name.
import { IconMessageQuestion } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconMessageQuestion, 'ask_text')
