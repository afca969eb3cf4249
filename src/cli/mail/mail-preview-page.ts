/** The index of `latchkey mail preview`: every email at the width of a computer and of a small phone. */
import type { Mail } from '#core/mail/mail.ts';

const STYLE = `:root{color-scheme:light dark}
body{margin:2rem;font:1rem/1.5 system-ui,sans-serif}
section{margin:3rem 0}
h2{margin:0;font-size:1.125rem}
p{margin:.25rem 0 1rem}
.widths{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}
iframe{max-width:100%;height:46rem;border:1px solid #8888;border-radius:.5rem;background:#fff}
nav{columns:18rem}nav a{display:block}`;

/** @param mails each with the file that shows it */
export function previewPage(mails: readonly { file: string; mail: Mail }[]): string {
  const links = mails.map(({ file }) => `<a href="#${file}">${file.replace(/\.html$/, '')}</a>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Emails</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Emails</h1>
<nav>${links.join('')}</nav>
${mails.map(sectionOf).join('\n')}
</body>
</html>
`;
}

function sectionOf({ file, mail }: { file: string; mail: Mail }): string {
  const frame = (width: number) =>
    `<iframe sandbox loading="lazy" width="${width}" src="${file}" title="${escaped(mail.subject)}, ${width} pixels"></iframe>`;
  return `<section id="${file}">
<h2>${escaped(mail.subject)}</h2>
<p><a href="${file}">${file}</a></p>
<div class="widths">${frame(600)}${frame(320)}</div>
</section>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
