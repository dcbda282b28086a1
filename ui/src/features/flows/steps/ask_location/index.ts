// Asks where the customer is.
import { IconCurrentLocation } from '@tabler/icons-react'
import { asks } from '../words'

export default asks(IconCurrentLocation, 'ask_location')
