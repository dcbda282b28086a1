// Says what the window tells this page: that the program starts, ends, or why it does not.
window.tell = ({ state, product, why }) => {
  document.title = product
  for (const name of document.querySelectorAll('[data-product]')) name.textContent = product
  document.getElementById('doing').textContent =
    state === 'finishing' ? 'Finishing what is under way …' : 'Starting …'
  document.getElementById('why').textContent = why
  document.querySelector('main').dataset.state = state
}
