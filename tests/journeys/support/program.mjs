// The real program as a process of its own on a private folder; it can be stopped and started again on the same ports.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const START_MS = 60_000

function programFile() {
  const file = process.env.BOTFLOW_PROGRAM
  if (!file) throw new Error('BOTFLOW_PROGRAM names no program. Run the journeys through `cargo xtask test`.')
  return file
}

/** The program takes every BOTFLOW_ name for a setting of its own, and refuses those that are none. */
function surroundings() {
  const { BOTFLOW_PROGRAM: _program, BOTFLOW_BROWSER: _browser, ...rest } = process.env
  return rest
}

/** Starts on a fresh folder that is gone when the test is over. `settings` are of the environment; `file` another program. */
export async function startProgram(test, settings = {}, file = programFile()) {
  const data = mkdtempSync(join(tmpdir(), 'journey-'))
  const program = { admin: '', public: '', child: null, stop, start }

  async function stop() {
    const { child } = program
    if (!child || child.exitCode !== null) return
    const ended = new Promise((done) => child.once('exit', done))
    child.kill()
    await ended
  }

  async function start() {
    const portOf = (address) => (address ? new URL(address).port : '0')
    const child = spawn(
      file,
      ['serve', '--data', data, '--port', portOf(program.admin), '--public-port', portOf(program.public)],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...surroundings(),
          BOTFLOW_ALLOW_PRIVATE_ADDRESSES: 'true',
          BOTFLOW_LOG: 'warn',
          BOTFLOW_MIN_FREE_MB: '1',
          ...settings,
        },
      },
    )
    program.child = child
    let said = ''
    child.stderr.on('data', (bytes) => {
      said += bytes
    })
    await new Promise((ready, fail) => {
      const timer = setTimeout(() => fail(new Error(`The program did not start. It said: ${said}`)), START_MS)
      child.once('exit', (code) => {
        clearTimeout(timer)
        fail(new Error(`The program ended with ${code}. It said: ${said}`))
      })
      createInterface({ input: child.stdout }).on('line', (line) => {
        said += `${line}\n`
        program.admin = /^.+ is ready: (http:\/\/[^/]+)\//.exec(line)?.[1] ?? program.admin
        const address = /^The public port is (.+)\.$/.exec(line)?.[1]
        if (!address) return
        program.public = `http://${address}`
        clearTimeout(timer)
        ready()
      })
    })
  }

  test.after(async () => {
    await stop()
    rmSync(data, { recursive: true, force: true, maxRetries: 5 })
  })
  await start()
  return program
}
