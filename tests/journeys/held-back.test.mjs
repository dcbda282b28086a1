// A visitor behind a way that strips event streams, as free tunnels do: answers come all the same, each once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage } from './support/browser.mjs'
import { DELIVERY, openShop } from './support/owner.mjs'
import { startProgram } from './support/program.mjs'
import { openSite, openTalk } from './support/site.mjs'
import { until } from './support/until.mjs'
import { openWay } from './support/way.mjs'

test('answers come through a way that holds streams back, and by stream again when it lets them pass', async (t) => {
  const program = await startProgram(t)
  const owner = await openShop(program)
  await owner.teach('Delivery and returns', DELIVERY)
  const { channel } = await owner.openChat()
  const way = await openWay(t, program.public)
  const site = await openSite(t, `<script src="${way.url}/chat/${channel.id}/widget.js" async></script>`)

  for (const how of ['hold', 'end', 'refuse']) {
    way.let(how)
    const { asks } = way.seen
    const talk = await openTalk(await openPage(t), site)
    await talk.says('What does delivery to Wynberg cost?', /R 88/)
    await talk.says('What does delivery to Tokai cost?', /R 82/)
    assert.equal(await talk.log.getByText('What does delivery to Wynberg cost?').count(), 1, how)
    assert.ok(way.seen.asks > asks, `${how}: it asked`)
    await talk.page.close()
  }

  way.let('hold')
  const talk = await openTalk(await openPage(t), site)
  await talk.says('What does delivery to Wynberg cost?', /R 88/)
  const { streams } = way.seen
  way.let('pass')
  // As a browser tells that it has come into another network; else it is tried by itself after a minute.
  await talk.page.evaluate(() => window.dispatchEvent(new Event('online')))
  await until('a stream passes', () => way.open === 1 && way.seen.streams > streams)
  // The last question of the time before may still be on its way.
  await talk.says('What does delivery to Tokai cost?', /R 82/)
  const { asks } = way.seen
  await talk.says('Can I return a part?', /within 14 days/)
  assert.equal(way.seen.asks, asks, 'nothing was asked for: it was told')
  for (const words of ['What does delivery to Wynberg cost?', 'What does delivery to Tokai cost?'])
    assert.equal(await talk.log.getByText(words).count(), 1, words)
  assert.equal(await talk.log.getByText(/R 88/).count(), 1)
})
