// Flows of the pretended program: drafts, versions, tests, runs and a small walk through the steps for the simulator.
import { readFileSync } from 'node:fs'
import { id } from './mock-data.mjs'
import { sampleFlows } from './mock-flow-data.mjs'
import { simulate } from './mock-walk.mjs'

const DAY = 86_400_000
const clone = (value) => structuredClone(value)
// As the program declares them.
const kinds = JSON.parse(readFileSync(new URL('./kinds.json', import.meta.url), 'utf8'))
const kindOf = (step) => kinds.find((kind) => kind.name === step.kind)

const settings = {
  human_words: ['human', 'agent', 'person'],
  restart_words: ['restart'],
  stop_words: ['stop'],
  back_words: ['back'],
  limits: { steps: 500, messages: 60, hours: 720, cents: 50 },
}
const templates = [
  {
    id: 'booking',
    name: 'Take bookings',
    about: 'Asks for day and time, looks for a free one, books and confirms.',
    flows: 2,
    steps: 14,
    tests: 3,
  },
  {
    id: 'orders',
    name: 'Where is my order?',
    about: 'Asks for the number and says where the order is.',
    flows: 1,
    steps: 8,
    tests: 2,
  },
  {
    id: 'feedback',
    name: 'How did we do?',
    about: 'Asks for a rating a day after, and calls you when it is bad.',
    flows: 1,
    steps: 7,
    tests: 2,
  },
  {
    id: 'leads',
    name: 'Catch a lead',
    about: 'Asks for name, number and wish, and tells your people.',
    flows: 1,
    steps: 6,
    tests: 1,
  },
]

function findingsOf(flow) {
  const out = []
  const say = (severity, step, message, fix, field) =>
    out.push({ severity, flow: flow.id, step: step?.id ?? null, field: field ?? null, at: null, message, fix })
  const reached = new Set(flow.edges.map((edge) => edge.to))
  if (!flow.steps.some((step) => kindOf(step)?.entry))
    say('error', null, 'Nothing begins this flow.', 'Add a trigger, such as “A customer writes”.')
  for (const step of flow.steps) {
    const kind = kindOf(step)
    if (!kind) {
      say('error', step, 'This version does not know this step.', 'Delete it or update BotFlow.')
      continue
    }
    for (const field of kind.fields) {
      const value = step.fields[field.name] ?? kind.defaults[field.name]
      if (
        field.shown_if &&
        !field.shown_if.is.includes(String(step.fields[field.shown_if.field] ?? kind.defaults[field.shown_if.field]))
      )
        continue
      if (
        field.required &&
        (value === undefined || value === '' || value === null || (Array.isArray(value) && value.length === 0))
      )
        say('error', step, `“${field.label}” is empty.`, 'Fill it in.', field.name)
    }
    for (const branch of kind.branches)
      if (branch.needed && !flow.edges.some((edge) => edge.from === step.id && edge.branch === branch.name))
        say(
          'warning',
          step,
          branch.title ? `The way “${branch.title}” leads nowhere.` : 'After this the run ends.',
          'Connect it.',
        )
    if (!kind.entry && kind.name !== 'comment' && !reached.has(step.id))
      say('warning', step, 'Nothing leads to this step.', 'Connect it or delete it.')
  }
  return out
}

export function defineFlowRoutes(on, { fail, changed, page, world, restart }) {
  let state
  const fresh = () => {
    const drafts = new Map()
    for (const bot of world().bots) {
      for (const [name, folder, flow, deleted] of sampleFlows(kinds, bot === world().bots[0])) {
        drafts.set(flow.id, {
          id: flow.id,
          bot: bot.id,
          name,
          folder,
          revision: 4,
          updated_at: Date.now() - DAY,
          deleted_at: deleted ? Date.now() - 3 * DAY : null,
          flow: { ...flow, name, folder },
        })
      }
    }
    state = { settings: clone(settings), drafts, tests: new Map(), versions: new Map(), stopped: new Set(), again: [] }
    for (const bot of world().bots) {
      const published = (number, name, days) => ({
        id: id(),
        number,
        name,
        note: number === 3 ? 'Prices of the new year.' : '',
        created_at: Date.now() - days * DAY,
        published_at: Date.now() - days * DAY,
        publish_at: null,
        by: 'Ayesha Khan',
        current: number === 3,
        definition: definitionOf(bot.id),
      })
      const list = [published(3, 'New prices', 2), published(2, 'Bookings', 20), published(1, 'First', 60)]
      // The draft differs from what is published in one sentence and one step.
      const booking = list[0].definition.flows.find((flow) => flow.name === 'Bookings')
      if (booking) {
        booking.steps.find((step) => step.kind === 'ask_date').fields.text = 'Which day?'
        booking.steps = booking.steps.filter((step) => step.kind !== 'goal')
        booking.edges = booking.edges.filter(
          (edge) =>
            booking.steps.some((step) => step.id === edge.to) && booking.steps.some((step) => step.id === edge.from),
        )
      }
      state.versions.set(bot.id, list)
    }
  }
  const definitionOf = (bot) => ({
    format: 2,
    settings: clone(state.settings),
    flows: clone(
      [...state.drafts.values()].filter((draft) => draft.bot === bot && !draft.deleted_at).map((draft) => draft.flow),
    ),
  })
  fresh()
  restart(fresh)

  const draftOf = ({ id: bot, flow }) => {
    const draft = state.drafts.get(flow)
    if (!draft || draft.bot !== bot) fail(404, 'not_found', 'This flow is no longer here.')
    return draft
  }
  const shown = (draft) => ({
    id: draft.id,
    name: draft.name,
    folder: draft.folder,
    revision: draft.revision,
    updated_at: draft.updated_at,
    flow: draft.flow,
    findings: findingsOf(draft.flow),
  })
  const summary = (draft) => {
    const findings = findingsOf(draft.flow)
    const count = (severity) => findings.filter((finding) => finding.severity === severity).length
    return {
      id: draft.id,
      name: draft.name,
      folder: draft.folder,
      steps: draft.flow.steps.length,
      revision: draft.revision,
      updated_at: draft.updated_at,
      deleted_at: draft.deleted_at,
      errors: count('error'),
      warnings: count('warning'),
    }
  }
  const versionsOf = (bot) => state.versions.get(bot) ?? []

  on('GET', '/flow-kinds', () => ({ kinds }))
  on('GET', '/flow-templates', () => ({ items: templates }))
  on('GET', '/bots/:id/flows', ({ params, query }) => {
    const deleted = query.get('deleted') === 'true'
    const current = versionsOf(params.id).find((version) => version.current)
    return {
      items: [...state.drafts.values()]
        .filter((draft) => draft.bot === params.id && Boolean(draft.deleted_at) === deleted)
        .map(summary),
      settings: state.settings,
      published: current ? { version: current.number, name: current.name, published_at: current.published_at } : null,
      changed: JSON.stringify(current?.definition.flows) !== JSON.stringify(definitionOf(params.id).flows),
    }
  })
  on('POST', '/bots/:id/flows', ({ params, body }) => {
    let flow = {
      inputs: [],
      outputs: [],
      groups: [],
      steps: [{ id: id(), kind: 'message_received', position: { x: 80, y: 80 }, fields: {} }],
      edges: [],
    }
    if (body.copy_of) flow = clone(state.drafts.get(body.copy_of)?.flow ?? flow)
    if (body.template) flow = clone(sampleFlows(kinds, true)[1][2])
    if (body.definition) {
      const given = body.definition.flows?.[0] ?? body.definition
      if (!Array.isArray(given?.steps))
        fail(400, 'invalid', 'This file holds no flow. Choose one that was exported from BotFlow.')
      flow = { inputs: [], outputs: [], groups: [], ...clone(given) }
    }
    const made = {
      id: id(),
      bot: params.id,
      name: body.name || flow.name || 'Flow',
      folder: body.folder ?? '',
      revision: 1,
      updated_at: Date.now(),
      deleted_at: null,
      flow,
    }
    made.flow = { ...made.flow, id: made.id, name: made.name, folder: made.folder }
    state.drafts.set(made.id, made)
    changed('flows')
    return shown(made)
  })
  on('GET', '/bots/:id/flows/:flow', ({ params }) => shown(draftOf(params)))
  on('PUT', '/bots/:id/flows/:flow', ({ params, body }) => {
    const draft = draftOf(params)
    if (body.revision !== draft.revision)
      fail(409, 'conflict', 'Somebody else changed this flow meanwhile. Look at both, then choose which one stays.')
    Object.assign(draft, {
      flow: body.flow,
      name: body.flow.name,
      revision: draft.revision + 1,
      updated_at: Date.now(),
    })
    changed('flows')
    return { revision: draft.revision, findings: findingsOf(draft.flow) }
  })
  on('PATCH', '/bots/:id/flows/:flow', ({ params, body }) => {
    const draft = Object.assign(draftOf(params), body)
    draft.flow = { ...draft.flow, name: draft.name, folder: draft.folder }
    changed('flows')
    return summary(draft)
  })
  on('DELETE', '/bots/:id/flows/:flow', ({ params }) => {
    draftOf(params).deleted_at = Date.now()
    changed('flows')
  })
  on('POST', '/bots/:id/flows/:flow/restore', ({ params }) => {
    const draft = draftOf(params)
    draft.deleted_at = null
    changed('flows')
    return summary(draft)
  })
  on('GET', '/bots/:id/flows/:flow/export', ({ params }) => {
    const first = draftOf(params)
    const flows = [first.flow]
    for (const flow of flows)
      for (const step of flow.steps) {
        const called = step.fields.flow && state.drafts.get(step.fields.flow)?.flow
        if (called && !flows.includes(called)) flows.push(called)
      }
    return { format: 2, settings: state.settings, flows }
  })
  on('PUT', '/bots/:id/flow-settings', ({ body }) => {
    state.settings = body
    changed('flows')
    return body
  })

  const strip = ({ definition: _definition, ...version }) => version
  const wanted = (bot, version) => {
    if (version === 'draft') return definitionOf(bot)
    const found = versionsOf(bot).find((one) => one.id === version || String(one.number) === version)
    if (!found) fail(404, 'not_found', 'This version is no longer here.')
    return found.definition
  }
  on('GET', '/bots/:id/versions', ({ params }) => ({ items: versionsOf(params.id).map(strip) }))
  on('GET', '/bots/:id/versions/:version', ({ params }) => wanted(params.id, params.version))
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)
  const title = (step) => step.title || kindOf(step)?.title || step.kind
  function changes(from, to) {
    const flows = []
    for (const flow of to.flows) {
      const old = from.flows.find((one) => one.id === flow.id)
      const steps = []
      for (const step of flow.steps) {
        const before = old?.steps.find((one) => one.id === step.id)
        const head = { step: step.id, kind: step.kind, title: title(step) }
        if (!before) steps.push({ ...head, change: 'added', fields: [] })
        else {
          const names = new Set([...Object.keys(before.fields), ...Object.keys(step.fields)])
          const fields = [...names]
            .filter((name) => !same(before.fields[name], step.fields[name]))
            .map((name) => ({
              name,
              label: kindOf(step)?.fields.find((field) => field.name === name)?.label ?? name,
              before: before.fields[name],
              after: step.fields[name],
            }))
          if (fields.length > 0) steps.push({ ...head, change: 'changed', fields })
        }
      }
      for (const step of old?.steps ?? [])
        if (!flow.steps.some((one) => one.id === step.id))
          steps.push({ step: step.id, kind: step.kind, title: title(step), change: 'removed', fields: [] })
      const has = (list, edge) =>
        list.some((one) => one.from === edge.from && one.branch === edge.branch && one.to === edge.to)
      const edges = [
        ...flow.edges.filter((edge) => !has(old?.edges ?? [], edge)).map((edge) => ({ ...edge, change: 'added' })),
        ...(old?.edges ?? []).filter((edge) => !has(flow.edges, edge)).map((edge) => ({ ...edge, change: 'removed' })),
      ]
      if (!old || steps.length > 0 || edges.length > 0)
        flows.push({ flow: flow.id, name: flow.name, change: old ? 'changed' : 'added', steps, edges })
    }
    for (const old of from.flows)
      if (!to.flows.some((flow) => flow.id === old.id))
        flows.push({ flow: old.id, name: old.name, change: 'removed', steps: [], edges: [] })
    return { flows }
  }
  const current = (bot) => versionsOf(bot).find((version) => version.current)
  on('GET', '/bots/:id/changes', ({ params, query }) =>
    changes(wanted(params.id, query.get('from')), wanted(params.id, query.get('to'))),
  )
  const open = (bot) => {
    const flow = definitionOf(bot).flows.find((one) => one.name === 'Bookings')
    if (!flow) return []
    const step = flow.steps.find((one) => one.kind === 'ask_date')
    return world()
      .conversations.slice(0, 3)
      .map((conversation, i) => ({
        conversation: conversation.id,
        contact: conversation.contact.name || conversation.contact.handle,
        flow: flow.id,
        step: step.id,
        step_title: title(step),
        problem: i === 1 ? 'The step at which it waits has been deleted.' : null,
      }))
  }
  const failures = (bot) =>
    [...state.tests.values()].filter((test) => test.bot === bot && test.last && !test.last.passed)
  on('GET', '/bots/:id/publish', ({ params }) => ({
    findings: definitionOf(params.id).flows.flatMap(findingsOf),
    tests: {
      passed: [...state.tests.values()].filter((test) => test.bot === params.id).length - failures(params.id).length,
      failed: failures(params.id).length,
      first_failure: failures(params.id)[0]?.name ?? null,
    },
    changes: changes(current(params.id)?.definition ?? { flows: [] }, definitionOf(params.id)),
    open: open(params.id),
  }))
  function publish(bot, definition, name, note, at) {
    const list = versionsOf(bot)
    const number = Math.max(0, ...list.map((version) => version.number)) + 1
    if (!at) for (const version of list) version.current = false
    list.unshift({
      id: id(),
      number,
      name: name ?? '',
      note: note ?? '',
      created_at: Date.now(),
      published_at: at ? null : Date.now(),
      publish_at: at ?? null,
      by: 'Ayesha Khan',
      current: !at,
      definition,
    })
    state.versions.set(bot, list)
    changed('flows', 'bots', 'runs')
    return { number }
  }
  on('POST', '/bots/:id/publish', ({ params, body }) => {
    const definition = definitionOf(params.id)
    const errors = definition.flows.flatMap(findingsOf).filter((finding) => finding.severity === 'error')
    if (errors.length > 0) fail(400, 'invalid', `${errors.length} things must be put right first: ${errors[0].message}`)
    return publish(params.id, definition, body.name, body.note, body.at)
  })
  on('POST', '/bots/:id/versions/:version/restore', ({ params }) => {
    const old = versionsOf(params.id).find((version) => version.id === params.version)
    return publish(params.id, clone(wanted(params.id, params.version)), old?.name ? `${old.name} (again)` : '', '')
  })
  on('DELETE', '/bots/:id/versions/:version/schedule', ({ params }) => {
    const version = versionsOf(params.id).find((one) => one.id === params.version)
    if (version) version.publish_at = null
    changed('flows')
  })
  on('POST', '/bots/:id/versions/:version/drafts', ({ params }) => {
    for (const flow of clone(wanted(params.id, params.version)).flows) {
      const draft = state.drafts.get(flow.id)
      if (draft) Object.assign(draft, { flow, revision: draft.revision + 1, updated_at: Date.now(), deleted_at: null })
    }
    changed('flows')
    return {}
  })

  on('POST', '/bots/:id/simulation', ({ params, body }) => simulate(definitionOf(params.id), body, kinds))
  const botLines = (lines) => lines.filter((line) => line.who === 'bot')
  const textOf = (line) => line?.content?.text ?? line?.text ?? null
  const test = (made) => ({
    id: made.id,
    name: made.name,
    script: made.script,
    expected: made.expected,
    last: made.last,
  })
  const testOf = ({ test: wantedTest }) =>
    state.tests.get(wantedTest) ?? fail(404, 'not_found', 'This test is no longer here.')
  const runTest = (made) => {
    const got = simulate(definitionOf(made.bot), made.script, kinds)
    const lines = botLines(got.lines)
    let difference = null
    for (let i = 0; i < Math.max(lines.length, made.expected.length) && !difference; i++)
      if (textOf(lines[i]) !== textOf(made.expected[i]))
        difference = { line: i, expected: textOf(made.expected[i]), got: textOf(lines[i]) }
    made.last = { passed: !difference, difference, at: Date.now() }
    return got
  }
  on('GET', '/bots/:id/flows/:flow/tests', ({ params }) => ({
    items: [...state.tests.values()].filter((one) => one.flow === params.flow).map((one) => test(one)),
  }))
  on('POST', '/bots/:id/flows/:flow/tests', ({ params, body }) => {
    const made = {
      id: id(),
      bot: params.id,
      flow: params.flow,
      name: body.name,
      script: body.script,
      expected: [],
      last: null,
    }
    made.expected = botLines(simulate(definitionOf(params.id), body.script, kinds).lines)
    made.last = { passed: true, difference: null, at: Date.now() }
    state.tests.set(made.id, made)
    changed('flows')
    return test(made)
  })
  on('PUT', '/bots/:id/flows/:flow/tests/:test', ({ params, body }) => {
    const made = testOf(params)
    if (body.name) made.name = body.name
    if (body.script) made.script = body.script
    if (body.accept || body.script)
      made.expected = botLines(simulate(definitionOf(params.id), made.script, kinds).lines)
    runTest(made)
    changed('flows')
    return test(made)
  })
  on('DELETE', '/bots/:id/flows/:flow/tests/:test', ({ params }) => {
    state.tests.delete(params.test)
    changed('flows')
  })
  on('POST', '/bots/:id/flows/:flow/tests/run', ({ params }) => {
    const flow = draftOf(params).flow
    const steps = new Set()
    const branches = new Map()
    const results = [...state.tests.values()]
      .filter((one) => one.flow === params.flow)
      .map((made) => {
        for (const stop of runTest(made).path.filter((one) => one.flow === params.flow)) {
          steps.add(stop.step)
          if (stop.branch) branches.set(`${stop.step} ${stop.branch}`, { step: stop.step, branch: stop.branch })
        }
        return { id: made.id, name: made.name, passed: made.last.passed, difference: made.last.difference }
      })
    return {
      results,
      coverage: {
        steps: [...steps],
        branches: [...branches.values()],
        of_steps: flow.steps.filter((step) => step.kind !== 'comment').length,
        of_branches: flow.edges.length,
      },
    }
  })

  on('GET', '/bots/:id/flows/:flow/traffic', ({ params }) => {
    const { flow } = draftOf(params)
    const entered = new Map()
    const taken = []
    const roots = flow.steps.filter((step) => kindOf(step)?.entry)
    const queue = roots.map((step) => [step.id, 240])
    for (let turn = 0; queue.length > 0 && turn < 2000; turn++) {
      const [at, many] = queue.shift()
      if (entered.has(at) || many < 1) continue
      entered.set(at, many)
      const out = flow.edges.filter((edge) => edge.from === at)
      out.forEach((edge, i) => {
        const share = Math.round((many * 0.92) / (i + 1 + (out.length > 1 ? 0.4 : 0)))
        taken.push({ step: at, branch: edge.branch, taken: share })
        queue.push([edge.to, share])
      })
    }
    const asking = flow.steps.filter((step) => step.kind.startsWith('ask_') && entered.has(step.id))
    return {
      steps: [...entered].map(([step, many]) => ({
        step,
        entered: many,
        left_here: Math.round(many * (asking.some((one) => one.id === step) ? 0.18 : 0.01)),
      })),
      edges: taken,
      waiting: asking.slice(0, 2).map((step, i) => ({ step: step.id, count: 2 - i })),
    }
  })
  const runs = (bot) => {
    const flow = definitionOf(bot).flows.find((one) => one.name === 'Bookings')
    if (!flow) return []
    const at = (kind) => flow.steps.find((step) => step.kind === kind)
    const people = world().conversations
    const made = (i, status, step, problem) => ({
      id: `run-${bot}-${i}`,
      conversation: people[i % people.length]?.id ?? null,
      contact: people[i % people.length]?.contact.name || 'A customer',
      flow: flow.id,
      step: step?.id ?? null,
      step_title: step ? title(step) : null,
      status,
      started_at: Date.now() - (i + 1) * 5_400_000,
      updated_at: Date.now() - i * 600_000,
      problem: problem ?? null,
      version: 3,
    })
    return [
      made(0, 'waiting', at('ask_date')),
      made(1, 'waiting', at('ask_time')),
      made(2, 'failed', at('book'), 'The calendar did not answer (time-out after 10 s, tried 3 times).'),
      made(3, 'stuck', at('http'), 'It has waited for an answer of another program for 2 hours.'),
      ...[4, 5, 6, 7, 8].map((i) => made(i, 'ended', at('end'))),
      ...state.again,
    ]
  }
  const inState = {
    open: ['active', 'waiting', 'handed'],
    failed: ['failed'],
    stuck: ['stuck'],
    done: ['ended', 'stopped'],
  }
  const ended = (run) => (state.stopped.has(run.id) ? { ...run, status: 'stopped', problem: null } : run)
  on('GET', '/bots/:id/runs', ({ params, query }) =>
    page(
      runs(params.id)
        .map(ended)
        .filter((run) => inState[query.get('state') ?? 'open']?.includes(run.status)),
    ),
  )
  const runOf = (wantedRun) =>
    world()
      .bots.flatMap((bot) => runs(bot.id))
      .map(ended)
      .find((run) => run.id === wantedRun) ?? fail(404, 'not_found', 'This run is no longer here.')
  on('GET', '/runs/:run', ({ params }) => {
    const run = runOf(params.run)
    const { flow } = state.drafts.get(run.flow)
    let at = run.started_at
    const entries = []
    for (const step of flow.steps.filter((one) => one.kind !== 'comment')) {
      at += 1_700
      const last = step.id === run.step
      entries.push({
        at,
        flow: flow.id,
        step: step.id,
        kind: step.kind,
        title: title(step),
        note: last && run.problem ? run.problem : '',
        input: step.fields,
        output: kindOf(step)?.outside ? { status: last && run.problem ? 500 : 200 } : null,
        ms: kindOf(step)?.outside ? 412 : 1,
        cost_cents: step.kind === 'answer' ? 0.4 : null,
        branch: flow.edges.find((edge) => edge.from === step.id)?.branch ?? null,
      })
      if (last) break
    }
    return { run, entries, decisions: [] }
  })
  on('POST', '/runs/:run/decisions/:seq', () => undefined)
  on('POST', '/runs/:run/again', ({ params }) => {
    const old = runOf(params.run)
    const run = { ...old, id: id(), status: 'waiting', problem: null, started_at: Date.now(), updated_at: Date.now() }
    state.again.push(run)
    state.stopped.add(old.id)
    changed('runs')
    return { run: run.id }
  })
  on('POST', '/runs/:run/stop', ({ params }) => {
    state.stopped.add(runOf(params.run).id)
    changed('runs')
  })
  on('GET', '/conversations/:id/start', () => ({ items: [{ flow: 'booking', label: 'Book an appointment' }] }))
  on('POST', '/conversations/:id/start', () => undefined)
  on('POST', '/http-requests/from-curl', ({ body }) => {
    const url = /https?:\/\/[^\s'"]+/.exec(body.text ?? '')?.[0]
    if (!url) fail(400, 'invalid', 'There is no address in this. Paste the whole command, beginning with “curl”.')
    const headers = [...body.text.matchAll(/-H\s+'([^:']+):\s*([^']*)'/g)].map(([, name, value]) => ({
      id: id(),
      name,
      value,
    }))
    const sent = /(?:-d|--data(?:-raw)?)\s+'([^']*)'/.exec(body.text)?.[1]
    return {
      method: /-X\s+(\w+)/.exec(body.text)?.[1] ?? (sent ? 'POST' : 'GET'),
      url,
      headers,
      ...(sent ? { body: sent } : {}),
    }
  })
  const secrets = new Set(['shop_key'])
  on('GET', '/secrets', () => ({ items: [...secrets].sort().map((name) => ({ name })) }))
  on('PUT', '/secrets/:name', ({ params }) => void secrets.add(params.name))
  on('DELETE', '/secrets/:name', ({ params }) => void secrets.delete(params.name))
  const mail = { host: '', port: 0, security: 'tls', user: '', from: '', has_password: false }
  on('GET', '/settings/email', () => mail)
  on('PUT', '/settings/email', ({ body: { password, ...rest } }) =>
    Object.assign(mail, rest, password ? { has_password: true } : {}),
  )
  on('POST', '/settings/email/test', () => ({ ok: true, message: `An e-mail is on its way to ${mail.from}.`, ms: 40 }))
  on('POST', '/media', ({ files }) => ({
    stored: 'ab'.repeat(32),
    mime: /\.(jpe?g|png|webp)$/i.test(files[0] ?? '') ? 'image/jpeg' : 'application/pdf',
    filename: files[0] ?? 'file',
  }))
  on('POST', '/expressions/preview', ({ body }) => {
    const known = {
      'contact.first_name': 'Thandi',
      'contact.name': 'Thandi Nkosi',
      'last.text': 'Hello',
      date: '2026-11-05',
      time: '10:00',
      ...(body.values ?? {}),
    }
    const open = /\{\{(?![^}]*\}\})/.exec(body.text)
    if (open)
      return {
        result: null,
        problem: {
          message: 'The “{{” is never closed. Write “}}” after the name.',
          from: open.index,
          to: open.index + 2,
        },
      }
    return {
      result: body.text.replace(/\{\{\s*([\w.]+)[^}]*\}\}/g, (_, name) => String(known[name] ?? '')),
      problem: null,
    }
  })
  on('GET', '/bots/:id/flows/:flow/steps/:step/hook', ({ params }) => ({
    url: `https://fixit.example/hooks/flow/${params.step}`,
    path: `/hooks/flow/${params.step}`,
    sample: {
      at: Date.now() - 3_600_000,
      body: JSON.stringify({ order: 4711, status: 'ready', customer: { phone: '+27 82 555 0101' } }),
    },
  }))
}
