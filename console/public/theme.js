// Runs before the first paint, so that a dark reader never sees a white flash. A file of its own: inline scripts are refused.
;(() => {
  let chosen = 'auto'
  try {
    chosen = localStorage.getItem('sallyport-theme') || 'auto'
  } catch {
    // Storage may be forbidden; the system's choice stands then.
  }
  const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
