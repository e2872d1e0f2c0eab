/**
 * Text from traffic made safe for a terminal: control characters (escape sequences among them) and characters that
 * change the reading direction become visible marks, so that an attacker's path cannot repaint the screen.
 */
export function terminalText(text: string): string {
  let safe = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const control = code < 0x20 || (code >= 0x7f && code <= 0x9f)
    const direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
    safe += control || direction ? '\u{fffd}' : character
  }
  return safe
}
