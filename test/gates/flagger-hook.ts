/** A webhook as Flagger calls it (pkg/controller/webhook.go): user and password of the URL are sent as Go sends them. */

/** Whether it is a yes: all above 202 is a no, and so is no answer. */
export async function postsYes(address: string, timeoutMs = 10_000): Promise<boolean> {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(username !== '' && { authorization: `Basic ${basic}` }),
      },
      body: JSON.stringify({ name: 'shop', namespace: 'shop', phase: 'Progressing', checksum: '85d557f47b' }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.text();
    return response.status <= 202;
  } catch {
    return false;
  }
}
