// Starts the interface.
import { createRoot } from 'react-dom/client'
import './app/fonts.css'
import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import './app/global.css'
import './i18n'
import { App } from './app/App'

const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
