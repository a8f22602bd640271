// What stands in for node:fs in a page: files come from the page's own site.

export function readFileSync(address: URL): string {
  const request = new XMLHttpRequest()
  request.open('GET', address, false)
  request.send()
  if (request.status !== 200) throw new Error(`${address} is not served`)
  return request.responseText
}
