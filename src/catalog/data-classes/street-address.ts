import type { ValueProfile } from '../data-class.ts'
import { defineDataClass } from '../data-class.ts'

/** A number and a word, and nothing that an address of a machine or a ledger would have. */
const isNumberAndWord = ({ text, digits, letters }: ValueProfile): boolean =>
  digits >= 1 &&
  letters >= 4 &&
  digits <= letters &&
  text.length >= 6 &&
  /[ ,]/.test(text) &&
  !/[@:{}<>=]/.test(text)

/** What streets are called, at the end of a word or as one. */
const streetWord =
  /(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|platz|damm|ufer|gatan|vägen|gade|vej|straat|laan|plein|katu|tie|utca|ulica)(?=[ ,]|$)|(?:^|[ ,])(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|terrace|place|square|rue|via|viale|corso|piazza|calle|avenida|plaza|rua|travessa|ul\.)(?=[ ,.]|$)/i

export const streetAddress = defineDataClass({
  id: 'street-address',
  title: 'Street address',
  group: 'pii',
  sensitivity: 10,
  names: [
    'street',
    'street address',
    'address line',
    'address1',
    'address 1',
    'address2',
    'address line1',
    'address line2',
    'line1',
    'line 1',
    'billing address',
    'shipping address',
    'home address',
    'delivery address',
    'mailing address',
    'address',
    'strasse',
    'adresse',
    'anschrift',
    'direccion',
    'endereco',
    'logradouro',
    'indirizzo',
    'straat',
    'adres',
    'adress',
    'gatuadress',
    'ulica',
    'osoite',
    'katuosoite',
  ],
  weakNames: ['calle', 'rue', 'via'],
  never: [
    'email',
    'ip',
    'mac',
    'wallet',
    'url',
    'web',
    'website',
    'city',
    'town',
    'state',
    'county',
    'region',
    'country',
    'postcode',
    'postal',
    'zip',
    'code',
    'id',
    'type',
    'name',
    'phone',
  ],
  neighbours: ['postal-code', 'place'],
  chance: 0.1,
  recall: 0.9,
  shapes: ['text'],
  lengths: [6, 160],
  test: isNumberAndWord,
  blind: { chance: 0.01, recall: 0.7, test: value => isNumberAndWord(value) && streetWord.test(value.text) },
  examples: {
    matches: ['12 High Street', 'Hauptstraße 5, 10115 Berlin', '221b Baker St'],
    rejects: ['192.168.0.1', '0x52908400098527886E0F7030069857D2E4169EE7', 'Berlin', 'https://x.example/1 2'],
  },
})
