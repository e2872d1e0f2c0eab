import { defineDataClass } from '../data-class.ts'

export const dateOfBirth = defineDataClass({
  id: 'date-of-birth',
  title: 'Date of birth',
  group: 'pii',
  sensitivity: 12,
  names: [
    'dob',
    'birth date',
    'birthdate',
    'date of birth',
    'dateofbirth',
    'birthday',
    'born',
    'geburtsdatum',
    'geboortedatum',
    'fecha nacimiento',
    'fecha de nacimiento',
    'date naissance',
    'data nascimento',
    'data de nascimento',
    'data nascita',
    'data di nascita',
    'date de naissance',
    'fodelsedatum',
    'fodselsdato',
    'fodselsdag',
    'data urodzenia',
    'syntymaaika',
    'dogum tarihi',
  ],
  needsName: true,
  lengths: [8, 30],
  chance: 0.1,
  test: ({ text, digits }) =>
    digits >= 6 &&
    text.length <= 30 &&
    /^(?:(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?:T[\d:.Z+-]{0,19})?|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:19|20)\d{2})$/.test(
      text,
    ),
  examples: {
    matches: ['1984-02-29', '31.12.1990', '12/31/1990', '1984-02-29T00:00:00Z'],
    rejects: ['1984', '2024-13-01', '84-02-29', 'tomorrow'],
  },
})
