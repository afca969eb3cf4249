/** Names in emails: anyone can choose one that its reader should not trust. */

const MAX_NAME_CODE_POINTS = 60;

/**
 * A name that mail clients show as plain text. Removes control and direction characters and whatever mail clients turn
 * into links: slashes, `@`, colons, a dot between two words, and digits if there are enough for a phone number.
 * `J.R.R. Tolkien` becomes `J. R. R. Tolkien`; `http://evil.example` becomes `http evil. example`.
 */
export function displayName(name: string): string {
  const known = name
    .toWellFormed()
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '');
  const isTelephoneNumber = (known.match(/\p{Nd}/gu) ?? []).length >= 7;
  const plain = (isTelephoneNumber ? known.replace(/[\p{Nd}()+-]/gu, ' ') : known)
    // NFKC has already turned look-alike dots into ASCII dots; the ideographic full stop separates labels too (UTS 46).
    .replace(/[.\u3002]/g, '. ')
    .replace(/[\p{C}\p{Zl}\p{Zp}@/\\:<>[\]{}|=?#%"`^]/gu, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll(' .', '.')
    .trim();
  const characters = [...plain];
  if (characters.length <= MAX_NAME_CODE_POINTS) return plain;
  return `${characters.slice(0, MAX_NAME_CODE_POINTS).join('').trim()}…`;
}
