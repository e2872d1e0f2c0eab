/**
 * Values that people and programs send every day and that attack languages resemble: names with apostrophes, addresses, sentences in ten
 * languages, English that reads like SQL, formulas, markdown, URLs, identifiers. Written by hand and combined with a seed: the same seed gives
 * the same values.
 */

/** A small generator of numbers (mulberry32), so that nothing depends on the machine. */
export function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const givenNames =
  "Ann|Seán|D'Arcy|José María|Zoë|Jean-Luc|Björn|Łukasz|O'Neal|N'Golo|Nguyễn|İbrahim|Ana|M'Baye|Chloé|Siân|Ke'Andre|'Aisha|Müge|Olha".split(
    '|',
  )
const familyNames =
  "O'Brien|O’Connor|D'Angelo|van 't Hoff|de la Cruz|L'Écuyer|St. John-Smythe|Mac Giolla Phádraig|Ó Súilleabháin|Null|True|Select|Union|Drop|Insert|Cat|Head|Order|Sleep|Like|Executive|Script|Table|d'Orsay|'t Jong|Peña y Lillo|Nuñez|Kızılırmak".split(
    '|',
  )
const streets =
  "St. Mary's Rd|Calle de l'Hospital|Via Dell'Orso|Rue de l'Abbé-de-l'Épée|Main St #4|5th Ave; Suite 200|Main St OR side entrance|Königstraße|Bin Street|Etc. Lane|Union Square West|Select Blvd|Drop Inn Road|Hay's Mews|Plaza d'Espanya, 3º 2ª|Av. Brig. Faria Lima, 1384 - cj. 12|C/ Mayor, 12|P.O. Box 12|Rm. 5/F, Blk B".split(
    '|',
  )
const cities =
  "Coeur d'Alene|L'Hospitalet de Llobregat|'s-Hertogenbosch|São Paulo|Winston-Salem|Villeneuve-d'Ascq|Xi'an|Val-d'Or|Martha's Vineyard|Hawai'i".split(
    '|',
  )

const sentences: readonly string[] = [
  "I don't think that's right; it's the customer's choice.",
  'Select the best from our union of brands, or order by phone.',
  'Please drop the table off where it is needed and update your address.',
  'Insert the key into the lock, then delete the old entry from the list.',
  'We create value and alter the plan as we go; having said that, group by age.',
  'Union workers select a committee from the members where possible.',
  'They had 1 or 2 items = fine, and 3 and 4 were not.',
  "Rock 'n' roll, mac 'n' cheese & fish and chips",
  'He said "hello" and she answered \'hi\'; nobody else spoke.',
  'The system (new) is up; the shell of the egg is thin.',
  'Find me a cat & a dog; sort it out | or not',
  'Echo of the past -- a review by J. Doe --',
  'Sleep(ing) well? Benchmark your mattress!',
  'Price: $20 (about €19), or $15/mo. with 2-year contract; T&C apply.',
  'Wait... what?! C# or C++? Both, maybe; I/O bound.',
  'See section 3.2/4.1: either.../or; a -> b, b <- c, x <= y && y >= z',
  'I <3 this product!!! 10/10 would buy again <- seriously',
  '50% off! 100% cotton, 30 % Rabatt, 5*5=25, 1+1=2',
  'Size: 12" x 10" x 3\' (approx.)',
  "The boys' room, the Joneses' car, and James's 5 o'clock tea",
  'My script for the play: act 1; on load of the truck = delayed',
  'Our template {{name}} did not render, it shows ${price} instead',
  'Meet @ 5pm #party #1 *free* drinks ~ bring friends ^_^',
  'Is null a number? True or false, yes and no; none = 0',
  'alert (level 2): the river rises, prompt action needed; please confirm (by mail)',
  'cat /dev/null is a fine joke among friends of mine',
  'The exec plan (Q3) & the sales; net income; head count; make or buy?',
  'Dear Sir,\r\n\r\nto: whom it may concern.\r\nFrom: me\r\nSubject to change: all.\r\n\r\nBest\r\nAnn',
  'Note:\n- buy milk\n- call Bob; ask for Ann\n- time is short',
  "Der Schrank ist 2 m hoch; wir hätten gern \"weiß\" oder 'grau' – geht's?",
  'Können Sie das bitte bis 12:00 Uhr liefern? Straße & Hausnummer: s. o.',
  "L'article n'est pas arrivé ; j'attends depuis l'été, c'est dommage (n° 12).",
  "Aujourd'hui, j'ai reçu « la commande » : qu'est-ce que c'est ?",
  "L'ordine dell'altro ieri non c'è; dov'è finito? Un po' d'attenzione!",
  '¿Dónde está mi pedido? ¡Llevo 3 días esperando; o vienen o cancelo!',
  'Não recebi a encomenda; o número é 123-4/5 (d’água) e então?',
  'Paczka nie dotarła; proszę o kontakt: tel. 600-100-200, ul. Św. Marcina 5/7',
  "Mijn pakje is er niet, 's avonds ben ik thuis; foto's volgen & bel 's ochtends.",
  'Kargo gelmedi; Ayşe\'nin siparişi nerede? Lütfen "acele" edin (3. kat).',
  'Заказ не пришёл; где он? "Срочно" — или верните деньги (№ 5)!',
  '注文が届きません。「至急」お願いします；番号は123-456です（2個）。',
  '订单还没到；请尽快处理（编号：A-12/3）。谢谢！',
  'الطلب لم يصل؛ أين هو؟ "عاجل" (رقم 5)',
  'Tilauksen nro 12; en ole saanut "mitään" - onko se matkalla?',
  'The NullPointerException in java.util.ArrayList made our day longer',
  'We moved from org.apache.commons.io to java.nio last year, and it was worth it.',
  'import duty and export tax are due when you process (or require) the goods',
  'Drop-in; select-a-size; order-by date; group-by type; limit 5 per customer',
  'If you like it, 100% yes; if not exist-ing stock is gone, wait for the next (in July)',
  'Use the back door, ring 2x; dog barks = normal (he is friendly)...',
]

const markdown: readonly string[] = [
  '# Title\n\n- **bold** and *italic*\n- [link](https://example.com/a?b=c&d=e#f)\n- `code` here',
  '> quoted text\n\n1. first\n2. second\n\n---\n\nThe end.',
  '| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |',
  '![image](https://cdn.example.com/i/1.png "A title") and some text; more & more',
  'Use `npm install` and then `npm start`; see [docs](/docs/start)',
  '<b>bold</b> and <i>italic</i><br>new line <p>paragraph</p>',
  '~~struck~~ ==marked== ^sup^ ~sub~ :smile: <https://example.com>',
]

const technical: readonly string[] = [
  'org.apache.commons.io',
  'com.example.shop.OrderService',
  'io.grpc.netty.shaded',
  'de.firma.produkt_v2',
  'application/vnd.api+json;version=2',
  'en-US,en;q=0.9,de;q=0.8',
  'text/html,application/xhtml+xml,*/*;q=0.8',
  'no-cache, max-age=0',
  '2026-11-23T08:00:00.000Z',
  '2026-11-23 08:00:00+01:00',
  'P3Y6M4DT12H30M5S',
  'R/2026-01-01/P1M',
  '*/5 * * * 1-5',
  '0 0 1 1 ? *',
  'name eq "Ann" and age gt 30',
  "price gt 10 and contains(name,'pro')",
  'status:open author:ann label:"good first issue"',
  'created:>2026-01-01 -label:bug',
  'name=asc,created=desc',
  '-created_at,+name',
  'id,name,owner(id,email)',
  '$.store.book[0].title',
  '/data/attributes/name',
  'items[0].price',
  '=SUM(A1:B2)/COUNT(A1:A9)',
  '=IF(A1>5,"yes","no")',
  '=CONCATENATE(A1," ",B1)',
  'a^2 + b^2 = c^2',
  'f(x) = 3x^2 - 2x + 1',
  'sin(x)/cos(x)=tan(x)',
  '(a+b)*(a-b)',
  '3/4" pipe',
  '1:1',
  '16:9',
  '10..20',
  '>=1.2.3 <2.0.0 || ^3.1',
  '~1.2.3',
  '10.0.0.0/8',
  '192.168.1.20',
  '::1',
  'fe80::1ff:fe23:4567:890a',
  'urn:isbn:0451450523',
  'mailto:ann@example.com?subject=Hi%20there',
  'tel:+49-30-123456',
  'geo:52.5,13.4;u=35',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk',
  'arn:aws:s3:::bucket/key/*',
  's3://bucket/key.parquet',
  'C:\\Users\\Ann\\Documents\\report.pdf',
  '/Users/ann/Pictures/holiday 1.jpg',
  './img/logo.png',
  '../images/logo.png',
  'report (final) [v2].docx',
  'invoice_2026-11.pdf',
  'backup.tar.gz',
  'rgba(0, 0, 0, 0.5)',
  '#1a2b3c',
  'font-family: "Open Sans", sans-serif; color: #333; margin: 0 auto',
  'width=device-width, initial-scale=1',
  'key1=value1;key2=value2',
  'GA1.2.1234567890.1700000000',
  'OptanonConsent=isGpcEnabled=0&datestamp=Mon+Nov+23+2026&groups=C0001%3A1%2CC0002%3A0',
  'true',
  'null',
  'NaN',
  '-1',
  '0',
  '1e6',
  '0x1F',
  '1,234.56',
  '(555) 123-4567',
  '+1 (555) 123-4567 x89',
  'M&M',
  'AT&T',
  'Q&A',
  'R&D; sales',
  'Levi\'s 501® 32"x34"',
  "Ben & Jerry's",
  "Toys'R'Us",
  'H&M / Zara',
  'C++ (advanced)',
  'F# & OCaml',
  '.NET 9',
  'Node.js',
  'A/B test #3',
  '24/7',
  '50/50',
  'n/a',
  '---',
  '***',
  '...',
  '?!',
  ':-) ;-P <3 ^^ \\o/',
  '¯\\_(ツ)_/¯',
  '👍🏽 great!',
  'ＡＢＣ １２３',
  '½ cup & ⅓ tsp',
  '№ 5 — «Chanel»',
  'DE89 3704 0044 0532 0130 00',
  '4111 1111 1111 1111',
  'S-1-5-21-3623811015-3361044348-30300820-1013',
  "CN=Ann O'Brien,OU=Sales,DC=example,DC=com",
  'POINT(13.4 52.5)',
  '[13.4, 52.5]',
  '{"a":1,"b":[true,null],"c":"it\'s"}',
  '["x","y"]',
  'a=1&b=2&c=3',
  'SKU-1234/56-B',
  '5\' 10"',
  "6'2",
  "rock'n'roll",
  "'90s music",
  "'tis the season",
  "the '04 vintage",
  'a; b; c',
  'x | y | z',
  'Yes/No',
  'id;name;price',
  'Mon-Fri 9-5; Sat 10-2',
  'id',
  'test',
  'sleep 8h',
  'Order by 5pm',
  'group by age',
  'like new',
  'or similar',
  'select',
  'all in one',
  'WHERE to buy',
  'union jack',
  'from $5',
  'between 5 and 10',
  'in (stock)',
  'limit 5',
  'drop 5 lbs',
]

const searches: readonly string[] = [
  "men's shoes size 10 or 10.5",
  '"exact phrase" -excluded',
  'usb-c cable 2m & charger',
  'select committee report 2026',
  'how to update from windows 10',
  'union station to airport',
  'cat food && dog food',
  'what is 5*5?',
  'c++ vs c#',
  'order status where is my package',
  'like button not working',
  'table 80x80 white or black',
  'insert coin',
  'eval board stm32',
  'exec chair',
  'shell oil (gas station)',
  'curl cream',
  'ping pong table',
  'python boots',
  'ruby ring 18k',
  'perl necklace',
  'bash guitar strap',
  'top 10 head phones',
  'script font',
  'iframe picture frame',
  'on sale = true',
  "children's books: 3-5 years (paperback)",
]

const urls: readonly string[] = [
  'https://www.example.com/search?q=o%27brien&sort=price_asc&page=2#results',
  'https://example.com/a/b/c.html?utm_source=news&utm_medium=e-mail&x=1;y=2',
  'http://example.org/?redirect=https%3A%2F%2Fexample.com%2Fcallback%3Fcode%3Dabc',
  'https://cdn.example.com/assets/main.3f2a1b.js?v=1.2.3',
  'https://maps.example.com/@52.5,13.4,15z/data=!3m1!4b1!4m5!3m4',
  'https://example.com/wiki/C++_(programming)#History',
  'https://user.example.com/~ann/index.html',
  'https://example.com/login?next=/account/orders?id=5',
  '/orders/7?expand=items,customer(name)&filter[status]=open',
  'https://example.com/?p=1&select=name&from=2026-01-01&where=berlin',
  'android-app://com.google.android.gm/',
  'https://xn--bcher-kva.example/%C3%BC',
  'com.example.app://oauth/callback?state=xyz',
]

const agents: readonly string[] = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Dalvik/2.1.0 (Linux; U; Android 15; Pixel 9 Build/AP4A.250105.002)',
  'python-requests/2.32.3',
  'curl/8.10.1',
  'Wget/1.25.0',
  'Java/21.0.5',
  'PostmanRuntime/7.43.0',
  'Apache-HttpClient/5.4 (Java/21.0.5)',
  'kube-probe/1.33',
  'Prometheus/3.1.0',
  'ELB-HealthChecker/2.0',
  'shop-app/7.2 (Android 16; Pixel 9; de_DE)',
  'Opera/9.80 (J2ME/MIDP; Opera Mini/9; U; en) Presto/2.12',
  'Lynx/2.8.8dev.3 libwww-FM/2.14',
]

/** Code, queries and configuration: quiet only where the field is one that people write such things into. */
export const codeTexts: readonly string[] = [
  'SELECT id, name FROM users WHERE id = 1 ORDER BY name',
  "select * from orders where status = 'open' and total > 100",
  "UPDATE users SET name = 'Ann' WHERE id = 7;",
  'console.log(items.map(x => x.id))',
  "const fs = require('fs')",
  'for (let i = 0; i < n; i += 1) sum += a[i]',
  'if (a && b || !c) { return d }',
  "import { x } from './y.js'",
  'document.querySelector("#a").addEventListener("click", f)',
  '<script src="app.js"></script>',
  '<?php echo htmlspecialchars($name); ?>',
  'docker run -p 80:80 nginx',
  'curl -s https://example.com | jq .',
  'git commit -m "fix" && git push',
  'ls -la | grep txt > out.txt',
  '{% for x in items %}{{ x.name }}{% endfor %}',
  'SELECT COUNT(*) FROM t GROUP BY a HAVING COUNT(*) > 1',
  'WITH x AS (SELECT 1) SELECT * FROM x UNION ALL SELECT 2',
]

const identifierOf = (random: () => number): string => {
  const hex = (length: number): string =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
  const base64 = (length: number): string => {
    const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256))
    return Buffer.from(bytes).toString(random() < 0.5 ? 'base64' : 'base64url')
  }
  switch (Math.floor(random() * 6)) {
    case 0:
      return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`
    case 1:
      return base64(6 + Math.floor(random() * 60))
    case 2:
      return hex(40)
    case 3:
      return String(Math.floor(random() * 1e12))
    case 4:
      return `${base64(9)}.${base64(30)}.${base64(32)}`
    default:
      return `ord_${base64(12).replace(/\W/g, 'x')}`
  }
}

/** `count` values, each of which must be quiet in a field that nothing was learned of. */
export function benignValues(count: number, seed = 1): readonly string[] {
  const random = numbersFrom(seed)
  const one = (of: readonly string[]): string => of[Math.floor(random() * of.length)]!
  const person = (): string => `${one(givenNames)} ${one(familyNames)}`
  const local = (): string => `${one(givenNames)}.${one(familyNames)}`.toLowerCase().replace(/[^a-z.']/g, '')
  const mailbox = (): string => `${local()}+tag@example.com`
  const makers: readonly (() => string)[] = [
    person,
    () => `${one(familyNames)}, ${one(givenNames)}`,
    mailbox,
    () => `${person()} <${mailbox()}>`,
    () => `${1 + Math.floor(random() * 200)} ${one(streets)}, ${one(cities)}`,
    () => `${one(streets)} ${1 + Math.floor(random() * 99)}\n${one(cities)}`,
    () => one(sentences),
    () => `${one(sentences)} ${one(sentences)}`,
    () => `${one(sentences)}\n\n${one(sentences)}\n-- \n${person()}`,
    () => one(markdown),
    () => one(technical),
    () => `${one(technical)}, ${one(technical)}`,
    () => one(searches),
    () => one(urls),
    () => one(agents),
    () => identifierOf(random),
    () => `${person()} (${one(cities)}); ${one(searches)}`,
  ]
  return Array.from({ length: count }, () => makers[Math.floor(random() * makers.length)]!())
}

/** Each hand-written value by itself. */
export const plainValues: readonly string[] = [
  ...givenNames,
  ...familyNames,
  ...streets,
  ...cities,
  ...sentences,
  ...markdown,
  ...technical,
  ...searches,
  ...urls,
  ...agents,
]
