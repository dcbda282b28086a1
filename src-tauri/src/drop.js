// Plays to the page what WebKit keeps from it: that files are over it, and which ones were let go of (see drop.rs).
// `what` is "over", "leave" or "drop". Fails where the page would not take them.
(what, x, y, count) => {
  const place = Symbol.for('dragged over')
  const play = (kind, target, related, files = null) => {
    const items = Array.from(files ?? { length: count }, (file) => ({
      kind: 'file',
      type: file?.type ?? '',
      getAsFile: () => file ?? null,
    }))
    const brought = { types: ['Files'], items, files: files ?? [], dropEffect: 'copy', effectAllowed: 'copy' }
    const at = { bubbles: true, composed: true, cancelable: kind !== 'dragleave', clientX: x, clientY: y }
    const event = new DragEvent(kind, { ...at, relatedTarget: related })
    Object.defineProperty(event, 'dataTransfer', { value: { ...brought, getData: () => '' } })
    return !target.dispatchEvent(event) && event.dataTransfer.dropEffect !== 'none'
  }
  const leaveFor = (next) => {
    const before = window[place]
    window[place] = next
    if (before?.isConnected) play('dragleave', before, next)
  }
  const under = () => document.elementFromPoint(x, y) ?? document.documentElement

  if (what === 'leave') {
    leaveFor(null)
  } else if (what === 'over') {
    const target = under()
    if (target !== window[place]) {
      play('dragenter', target, window[place] ?? null)
      leaveFor(target)
    }
    if (!play('dragover', target, null)) throw new Error('no place for files')
  } else {
    // The window answers the question for files with those that were let go of.
    const question = document.createElement('input')
    Object.assign(question, { type: 'file', multiple: true, hidden: true })
    question.onchange = () => {
      question.remove()
      window[place] = null
      play('drop', under(), null, question.files)
    }
    question.oncancel = () => {
      question.remove()
      leaveFor(null)
    }
    document.documentElement.append(question)
    question.click()
  }
}
