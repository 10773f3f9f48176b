// The door of JournalEntryBulkClearingRequest_In, as far as customers' items that clear each other need it.
// Names and order follow payloads of the real service. It answers before anything is done, and says to nobody but its
// own log what it refused; rules are ours.
'use strict'

const cds = require('@sap/cds')
const { NAMESPACE, Fault, checkNames, read, text, sent } = require('./soap.js')

const PATH = '/sap/bc/srt/scs_ext/sap/journalentrybulkclearingreques'
const ACTION = `${NAMESPACE}/JournalEntryBulkClearingRequest_In/JournalEntryBulkClearingRequest_InRequest`
const HEADER = {
  CompanyCode: 4, AccountingDocumentType: 2, DocumentDate: 10, PostingDate: 10, CurrencyCode: 5, AccountingDocument: 10,
  DocumentHeaderText: 25, ReferenceDocument: 16, CreatedByUser: 12, GLItems: 0, APARItems: 0
}
const REQUIRED = ['CompanyCode', 'AccountingDocumentType', 'DocumentDate', 'PostingDate', 'CurrencyCode', 'APARItems']
const ITEM = {
  ReferenceDocumentItem: 10, CompanyCode: 4, AccountType: 1, APARAccount: 10, FiscalYear: 4, AccountingDocument: 10,
  AccountingDocumentItem: 3
}
const seen = new Set()
let number = 1400000000

const thousandths = row => {
  const amount = BigInt(Math.round(Math.abs(Number(row.AmountInTransactionCurrency)) * 1000))
  return row.DebitCreditCode === 'S' ? amount : -amount
}

async function cleared(entry, books) {
  const { A_OperationalAcctgDocItemCube } = cds.entities('API_OPLACCTGDOCITEMCUBE_SRV')
  if (text(entry, 'PostingDate') < books.firstDay) return 'period is not open'
  let sum = 0n
  const keys = []
  for (const item of entry.APARItems) {
    const key = {
      CompanyCode: text(entry, 'CompanyCode'), FiscalYear: text(item, 'FiscalYear'),
      AccountingDocument: text(item, 'AccountingDocument'), AccountingDocumentItem: text(item, 'AccountingDocumentItem')
    }
    const [row] = await SELECT.from(A_OperationalAcctgDocItemCube).where(key)
    const fits = row && text(item, 'AccountType') === 'D' && row.Customer === text(item, 'APARAccount')
    if (!fits || row.TransactionCurrency !== text(entry, 'CurrencyCode')) return 'no such open item'
    if (row.ClearingAccountingDocument) return 'the item is cleared already'
    if (row.PostingDate > text(entry, 'PostingDate')) return 'the item is posted later'
    sum += thousandths(row)
    keys.push(key)
  }
  if (sum) return 'the items do not come to nothing'
  number += 1
  for (const key of keys)
    await UPDATE(A_OperationalAcctgDocItemCube).set({ ClearingAccountingDocument: String(number) }).where(key)
  return ''
}

function door(books) {
  return async (request, response) => {
    try {
      const bulk = (await read(request.body)).Envelope.Body[0].JournalEntryBulkClearingRequest
      if (!bulk || bulk[0].$ns.uri !== NAMESPACE) throw new Fault('JournalEntryBulkClearingRequest is missing')
      if (request.headers.soapaction !== `"${ACTION}"`) throw new Fault('no such action')
      const id = text(bulk[0].MessageHeader[0], 'ID')
      if (!id || id.length > 35) throw new Fault('ID is missing or too long')
      const entries = (bulk[0].JournalEntryClearingRequest || []).map(each => each.JournalEntry[0])
      for (const entry of entries) {
        checkNames(entry, HEADER, REQUIRED, 'JournalEntry')
        for (const item of entry.APARItems) checkNames(item, ITEM, Object.keys(ITEM).filter(each => each !== 'CompanyCode'), 'APARItems')
      }
      if (!seen.has(id)) {
        seen.add(id)
        for (const entry of entries) {
          const problem = await cds.tx(() => cleared(entry, books))
          if (problem) console.log(`clearing ${id}: ${problem}`)
        }
      }
      response.status(202).end()
    } catch (error) {
      sent(response, 500, { 'soap-env:Fault': { faultcode: 'soap-env:Server', faultstring: `Web service processing error: ${error.message}` } })
    }
  }
}

module.exports = { PATH, door }
