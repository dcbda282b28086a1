// Shows why the server did not start; the window puts the sentence there before the page loads.
document.getElementById('why').textContent = window.BOTFLOW_ERROR || ''
