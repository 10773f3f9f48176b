// The SOAP door: JournalEntryCreateRequestConfirmation_In, as far as items on accounts and of customers need it.
// Names, order and the shape of answers follow payloads of the real service; rules and their words are ours.
'use strict'

const cds = require('@sap/cds')
const xml2js = require('xml2js')

const PATH = '/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfi'
const NAMESPACE = 'http://sap.com/xi/SAPSCORE/SFIN'
const HEADER = {
  OriginalReferenceDocumentType: 5, OriginalReferenceDocument: 20, OriginalReferenceDocumentLogicalSystem: 10,
  BusinessTransactionType: 4, AccountingDocumentType: 2, DocumentReferenceID: 16, DocumentHeaderText: 25,
  CreatedByUser: 12, CompanyCode: 4, DocumentDate: 10, PostingDate: 10, PostingFiscalPeriod: 2, Item: 0, DebtorItem: 0
}
const REQUIRED = [
  'OriginalReferenceDocumentType', 'BusinessTransactionType', 'AccountingDocumentType', 'CreatedByUser', 'CompanyCode',
  'DocumentDate', 'PostingDate'
]
const ITEM = {
  ReferenceDocumentItem: 10, GLAccount: 10, AmountInTransactionCurrency: 0, AmountInCompanyCodeCurrency: 0,
  DebitCreditCode: 1, DocumentItemText: 50, AssignmentReference: 18
}
const DEBTOR = {
  ReferenceDocumentItem: 10, Debtor: 10, AmountInTransactionCurrency: 0, AmountInCompanyCodeCurrency: 0,
  DebitCreditCode: 1, AltvRecnclnAccts: 10, DocumentItemText: 50, AssignmentReference: 18
}
const TYPES = ['SA', 'DR', 'DG', 'DZ']
const numbers = new Map() // company and year to the last number given

class Fault extends Error {}

// The sender's proxy would refuse these before any posting: unknown names, wrong order, texts that are too long.
function checkNames(node, known, required, where) {
  let at = -1
  for (const child of node.$$) {
    const place = Object.keys(known).indexOf(child['#name'])
    if (place < 0) throw new Fault(`unknown element ${child['#name']} in ${where}`)
    if (place < at) throw new Fault(`element ${child['#name']} out of order in ${where}`)
    at = place
    const limit = known[child['#name']]
    if (limit && (child._ || '').length > limit) throw new Fault(`${child['#name']} is longer than ${limit}`)
  }
  for (const name of required) if (!node[name]) throw new Fault(`${name} is missing in ${where}`)
}

const text = (node, name) => (node[name] ? node[name][0]._ || '' : '')

// Thousandths as a whole number: a sum of decimals has to come to nothing exactly.
function amountOf(item, name) {
  const node = item[name] && item[name][0]
  if (!node) return undefined
  const found = /^(-?)(\d+)(?:\.(\d{1,3}))?$/.exec(node._ || '')
  if (!found || !(node.$ && node.$.currencyCode)) throw new Fault(`${name} needs a number and a currencyCode`)
  const whole = BigInt(found[2]) * 1000n + BigInt((found[3] || '').padEnd(3, '0'))
  return { thousandths: found[1] ? -whole : whole, currency: node.$.currencyCode.value }
}

const accountOf = item => text(item, 'GLAccount') || text(item, 'AltvRecnclnAccts')

const decimal = each =>
  `${each < 0n ? '-' : ''}${(each < 0n ? -each : each) / 1000n}.${String((each < 0n ? -each : each) % 1000n).padStart(3, '0')}`

async function problemsOf(entry, items, books) {
  const company = books.companies.find(each => each.CompanyCode === text(entry, 'CompanyCode'))
  if (!company) return [['F5 165', `Company code ${text(entry, 'CompanyCode')} is not defined`]]
  const found = []
  const sums = { ours: 0n, own: 0n }
  for (const item of items) {
    const own = amountOf(item, 'AmountInTransactionCurrency')
    const ours = amountOf(item, 'AmountInCompanyCodeCurrency') || own
    const account = accountOf(item)
    if (!books.accounts.includes(account))
      found.push(['F5 506', `G/L account ${account} is not defined in ${company.ChartOfAccounts}`])
    if (Boolean(item.Debtor) !== books.reconciled.includes(account))
      found.push(['F5 351', `Account ${account} does not fit the item's account type`])
    if (item.Debtor && !books.parties.includes(text(item, 'Debtor')))
      found.push(['F5 102', `Customer ${text(item, 'Debtor')} is not defined in company code ${company.CompanyCode}`])
    if (ours.currency !== company.Currency) found.push(['RW 011', `${ours.currency} is not the company's currency`])
    // Nothing has no sign: where an amount is 0, the code alone says the side. That S/4HANA takes such an item is assumed.
    const isCredit = text(item, 'DebitCreditCode') === 'H'
    if ([own, ours].some(each => each.thousandths && each.thousandths < 0n !== isCredit))
      found.push(['F5 702', 'Sign and debit/credit code disagree'])
    sums.ours += ours.thousandths
    sums.own += own.thousandths
  }
  if (sums.ours || sums.own) found.push(['F5 702', 'Balance in transaction currency'])
  if (text(entry, 'PostingDate') < books.firstDay)
    found.push(['F5 201', `Period ${text(entry, 'PostingDate').slice(0, 7)} is not open`])
  return found
}

function rowsOf(entry, items, company, document) {
  const year = text(entry, 'PostingDate').slice(0, 4)
  return items.map((item, at) => {
    const own = amountOf(item, 'AmountInTransactionCurrency')
    const ours = amountOf(item, 'AmountInCompanyCodeCurrency') || own
    return {
      CompanyCode: company.CompanyCode, FiscalYear: year, AccountingDocument: document,
      AccountingDocumentItem: String(at + 1).padStart(3, '0'),
      AccountingDocumentType: text(entry, 'AccountingDocumentType'),
      AccountingDocumentHeaderText: text(entry, 'DocumentHeaderText'),
      AssignmentReference: text(item, 'AssignmentReference'),
      DebitCreditCode: text(item, 'DebitCreditCode'),
      DocumentDate: text(entry, 'DocumentDate'), PostingDate: text(entry, 'PostingDate'),
      DocumentItemText: text(item, 'DocumentItemText'),
      DocumentReferenceID: text(entry, 'DocumentReferenceID'), GLAccount: accountOf(item),
      Customer: text(item, 'Debtor'),
      CompanyCodeCurrency: company.Currency, AmountInCompanyCodeCurrency: decimal(ours.thousandths),
      TransactionCurrency: own.currency, AmountInTransactionCurrency: decimal(own.thousandths)
    }
  })
}

async function posted(request, books) {
  const message = request.MessageHeader && request.MessageHeader[0]
  if (!message || !text(message, 'CreationDateTime')) throw new Fault('CreationDateTime is missing in MessageHeader')
  const entry = request.JournalEntry && request.JournalEntry[0]
  if (!entry) throw new Fault('JournalEntry is missing')
  checkNames(entry, HEADER, REQUIRED, 'JournalEntry')
  const [onAccounts, ofCustomers] = [entry.Item || [], entry.DebtorItem || []]
  for (const item of onAccounts) checkNames(item, ITEM, ['GLAccount', 'AmountInTransactionCurrency'], 'Item')
  for (const item of ofCustomers) checkNames(item, DEBTOR, ['Debtor', 'AmountInTransactionCurrency'], 'DebtorItem')
  const items = [...onAccounts, ...ofCustomers]
  if (!items.length) throw new Fault('Item is missing in JournalEntry')
  if (!TYPES.includes(text(entry, 'AccountingDocumentType'))) throw new Fault('unknown AccountingDocumentType')
  const answer = { id: text(message, 'ID'), company: text(entry, 'CompanyCode'), document: '0000000000', year: '0000' }
  answer.log = await problemsOf(entry, items, books)
  if (answer.log.length) return answer
  const company = books.companies.find(each => each.CompanyCode === answer.company)
  answer.year = text(entry, 'PostingDate').slice(0, 4)
  const range = `${answer.company}/${answer.year}`
  numbers.set(range, (numbers.get(range) || 100000000) + 1)
  answer.document = String(numbers.get(range)).padStart(10, '0')
  const { A_OperationalAcctgDocItemCube } = cds.entities('API_OPLACCTGDOCITEMCUBE_SRV')
  await cds.tx(() =>
    INSERT.into(A_OperationalAcctgDocItemCube).entries(rowsOf(entry, items, company, answer.document))
  )
  return answer
}

function confirmation(answers) {
  const item = (type, severity, note) => ({ TypeID: type, SeverityCode: severity, Note: note })
  const each = answer => ({
    MessageHeader: { ReferenceID: answer.id, CreationDateTime: new Date().toISOString() },
    JournalEntryCreateConfirmation: {
      AccountingDocument: answer.document, CompanyCode: answer.company, FiscalYear: answer.year
    },
    Log: answer.log.length
      ? { MaximumLogItemSeverityCode: 3, Item: answer.log.map(([type, note]) => item(type, 3, note)) }
      : { MaximumLogItemSeverityCode: 1, Item: item('605(RW)', 1, `Document posted successfully: BKPFF ${answer.document}`) }
  })
  return {
    'n0:JournalEntryBulkCreateConfirmation': {
      $: { 'xmlns:n0': NAMESPACE },
      MessageHeader: { CreationDateTime: new Date().toISOString() },
      JournalEntryCreateConfirmation: answers.map(each),
      Log: ''
    }
  }
}

function sent(response, status, body) {
  const envelope = {
    'soap-env:Envelope': {
      $: { 'xmlns:soap-env': 'http://schemas.xmlsoap.org/soap/envelope/' }, 'soap-env:Header': '', 'soap-env:Body': body
    }
  }
  response.status(status).type('text/xml').send(new xml2js.Builder({ headless: true }).buildObject(envelope))
}

const OPTIONS = { explicitChildren: true, preserveChildrenOrder: true, xmlns: true, explicitCharkey: true, explicitArray: true }

const read = body =>
  new xml2js.Parser({ ...OPTIONS, tagNameProcessors: [name => name.replace(/^.*:/, '')] }).parseStringPromise(body)

function door(books) {
  return async (request, response) => {
    try {
      const bulk = (await read(request.body)).Envelope.Body[0].JournalEntryBulkCreateRequest
      if (!bulk || bulk[0].$ns.uri !== NAMESPACE) throw new Fault('JournalEntryBulkCreateRequest is missing')
      const answers = []
      for (const each of bulk[0].JournalEntryCreateRequest || []) answers.push(await posted(each, books))
      sent(response, 200, confirmation(answers))
    } catch (error) {
      // The real one tells a stranger no more than that, and writes the rest to its log.
      sent(response, 500, { 'soap-env:Fault': { faultcode: 'soap-env:Server', faultstring: `Web service processing error: ${error.message}` } })
    }
  }
}

module.exports = { PATH, door, NAMESPACE, Fault, checkNames, read, text, sent }
