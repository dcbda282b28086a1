// Who is not signed in stands at the door.
export { Door } from './Door'
