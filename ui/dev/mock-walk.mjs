// A small walk through a flow, enough to look at the simulator; the real one is the engine of the program.

const plain = (text, variables, contact) =>
  String(text ?? '').replace(/\{\{\s*([\w.]+)(?:\s*\|\s*default\("([^"]*)"\))?[^}]*\}\}/g, (_, name, other) => {
    const value = name.startsWith('contact.') ? contact[name.slice(8)] : variables[name]
    return value === undefined || value === null || value === '' ? (other ?? '') : String(value)
  })

const GOOD = { answer: 'answered' }

export function simulate(definition, script, kinds) {
  const flow = definition.flows.find((one) => one.id === script.flow) ?? definition.flows[0]
  const byId = new Map(flow.steps.map((step) => [step.id, step]))
  const kindOf = (step) => kinds.find((kind) => kind.name === step.kind)
  const state = {
    now: script.start_at,
    status: 'active',
    lines: [],
    path: [],
    variables: {},
    contact: { ...script.contact },
    waits: null,
    pending: [],
    window_open: true,
    error: null,
  }
  let at = null
  let lastCustomer = script.start_at
  const failing = []
  let action = 0
  const line = (who, rest, step) =>
    state.lines.push({
      at: state.now,
      action,
      who,
      content: null,
      text: null,
      flow: flow.id,
      step: step?.id ?? null,
      ...rest,
    })
  const say = (text, step, choices) => {
    if (script.channel === 'whatsapp' && state.now - lastCustomer > 86_400_000) {
      state.window_open = false
      line(
        'note',
        { text: 'Not sent: on WhatsApp only an approved template may be sent after 24 hours of silence.' },
        step,
      )
    } else
      line('bot', { content: choices ? { kind: 'buttons', text, buttons: choices } : { kind: 'text', text } }, step)
  }
  const go = (step, branch) => {
    const last = state.path.at(-1)
    if (last && last.step === step.id) last.branch = branch
    const edge = flow.edges.find((one) => one.from === step.id && one.branch === branch)
    at = edge ? byId.get(edge.to) : null
    if (!at) finish('ended')
  }
  const finish = (status, error = null) => {
    at = null
    Object.assign(state, { status, error, waits: null })
  }
  const wait = (step, reason, until = null) =>
    Object.assign(state, { status: 'waiting', waits: { for: reason, until, step: step.id } })

  function run() {
    for (let turns = 0; at && turns < 400; turns++) {
      const step = at
      const kind = kindOf(step)
      state.path.push({ flow: flow.id, step: step.id, branch: null, at: state.now, action })
      const fields = step.fields
      const words = (text) => plain(text, state.variables, state.contact)
      if (kind?.outside) {
        const broken = failing.shift()
        if (broken) {
          line(
            'note',
            {
              text: {
                http_500: 'The other program answered with an error (500).',
                timeout: 'It took too long.',
                channel: 'The channel refused it.',
                model: 'The model did not answer.',
              }[broken],
            },
            step,
          )
          if (step.failure?.then === 'branch') go(step, 'failed')
          else return finish('failed', `“${step.title || kind.title}” went wrong.`)
          continue
        }
        if (step.kind === 'answer') say('A new screen for the Galaxy A15 costs R 1,450.', step)
        if (fields.into)
          state.variables[fields.into] = step.kind === 'free_slots' ? ['10:00', '14:30'] : { status: 'ready' }
        go(step, GOOD[step.kind] ?? kind.branches[0]?.name ?? 'next')
      } else if (step.kind.startsWith('ask_')) {
        say(
          words(fields.text),
          step,
          fields.choices ??
            (step.kind === 'ask_yes_no'
              ? [
                  { id: 'yes', title: 'Yes' },
                  { id: 'no', title: 'No' },
                ]
              : null),
        )
        return wait(step, 'reply', fields.timeout_ms ? state.now + fields.timeout_ms : null)
      } else if (step.kind === 'wait_reply') return wait(step, 'reply')
      else if (step.kind === 'wait') return wait(step, 'time', state.now + (fields.duration_ms ?? 0))
      else if (step.kind === 'end' || step.kind === 'stop' || step.kind === 'return') return finish('ended')
      else if (step.kind === 'handover') {
        if (fields.message) say(words(fields.message), step)
        return finish('handed')
      } else if (step.kind === 'jump') at = byId.get(fields.step) ?? finish('ended')
      else {
        if (kind?.group === 'messages') {
          if (fields.text) say(words(fields.text), step, fields.choices)
          else line('bot', { text: kind.title }, step)
        }
        if (step.kind === 'set') for (const one of fields.values ?? []) state.variables[one.name] = words(one.value)
        if (step.kind === 'condition')
          go(step, /^(hi|hello|hey)\b/i.test(String(state.variables['last.text'] ?? '')) ? 'yes' : 'no')
        else if (step.kind === 'hours')
          go(step, [9, 10, 11, 12, 13, 14, 15, 16].includes(new Date(state.now).getUTCHours()) ? 'open' : 'closed')
        else go(step, kind?.branches[0]?.name ?? fields[kind?.branches_from]?.[0]?.id ?? 'next')
      }
    }
  }
  function reply(text, chosen) {
    lastCustomer = state.now
    state.window_open = true
    state.variables['last.text'] = text
    if (state.status === 'handed') return
    const waiting = state.waits?.for === 'reply' ? byId.get(state.waits.step) : null
    if (!waiting) {
      at = flow.steps.find((step) => kindOf(step)?.entry) ?? null
      state.status = 'active'
      return run()
    }
    const offered = waiting.fields.choices ?? []
    const picked = offered.find((choice) => choice.id === chosen || choice.title.toLowerCase() === text.toLowerCase())
    if (waiting.fields.variable) state.variables[waiting.fields.variable] = picked?.title ?? text
    state.waits = null
    state.status = 'active'
    if (waiting.kind === 'ask_yes_no') go(waiting, /^y/i.test(text) ? 'yes' : 'no')
    else if (kindOf(waiting)?.branches_from)
      go(waiting, picked?.id ?? (waiting.kind === 'ask_choice' ? 'failed' : 'other'))
    else go(waiting, 'next')
    run()
  }
  function later(now) {
    const until = state.waits?.until
    state.now = now
    if (until && now >= until) {
      const step = byId.get(state.waits.step)
      state.waits = null
      state.status = 'active'
      go(step, step.kind === 'wait' ? 'next' : 'timeout')
      run()
    }
    state.window_open = state.now - lastCustomer <= 86_400_000
  }
  ;(script.actions ?? []).forEach((one, i) => {
    action = i
    state.now += 1000
    if (one.do === 'say') {
      line('customer', { content: { kind: 'text', text: one.text } })
      reply(one.text)
    } else if (one.do === 'pick') {
      line('customer', { content: { kind: 'text', text: one.title } })
      reply(one.title, one.id)
    } else if (one.do === 'send_file') {
      line('customer', { text: one.filename })
      reply(one.filename)
    } else if (one.do === 'send_location') {
      line('customer', { content: { kind: 'location', latitude: one.latitude, longitude: one.longitude } })
      reply(`${one.latitude}, ${one.longitude}`)
    } else if (one.do === 'pass') {
      line('note', { text: 'Time passes.' })
      later(state.now + one.ms)
    } else if (one.do === 'until_next') later(Math.max(state.now, state.waits?.until ?? state.now))
    else if (one.do === 'trigger') {
      at = byId.get(one.step) ?? null
      state.status = 'active'
      run()
    } else if (one.do === 'set') state.variables[one.name] = one.value
    else if (one.do === 'fail') failing.push(one.how)
    else if (one.do === 'person') line('note', { text: one.on ? 'A person took over.' : 'The bot goes on.' })
    else if (one.do === 'edit' || one.do === 'delete')
      line('note', {
        text:
          one.do === 'edit'
            ? `The customer changed message ${one.nth + 1}.`
            : `The customer deleted message ${one.nth + 1}.`,
      })
  })
  const { 'last.text': _last, ...variables } = state.variables
  return { actions: script.actions ?? [], ...state, variables }
}
