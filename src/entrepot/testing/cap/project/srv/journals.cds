// The part of two services of S/4HANA that journals are read through; names and types as in their published metadata.

@path : 'API_JOURNALENTRYITEMBASIC_SRV'
service API_JOURNALENTRYITEMBASIC_SRV {
    @readonly
    entity A_CompanyCode {
        key CompanyCode     : String(4);
            CompanyCodeName : String(25);
            Currency        : String(5);
            ChartOfAccounts : String(4);
    }

    @readonly
    entity A_GLAccountInChartOfAccounts {
        key ChartOfAccounts           : String(4);
        key GLAccount                 : String(10);
            AccountIsBlockedForPosting : Boolean default false;
    }
}

@path : 'API_OPLACCTGDOCITEMCUBE_SRV'
service API_OPLACCTGDOCITEMCUBE_SRV {
    @readonly
    entity A_OperationalAcctgDocItemCube {
        key CompanyCode                  : String(4);
        key FiscalYear                   : String(4);
        key AccountingDocument           : String(10);
        key AccountingDocumentItem       : String(3);
            AccountingDocumentType       : String(2);
            AccountingDocumentHeaderText : String(25);
            AssignmentReference          : String(18);
            DebitCreditCode              : String(1);
            DocumentDate                 : Date;
            DocumentItemText             : String(50);
            DocumentReferenceID          : String(16);
            GLAccount                    : String(10);
            Customer                     : String(10);
            ClearingAccountingDocument   : String(10) default '';
            IsReversal                   : Boolean default false;
            IsReversed                   : Boolean default false;
            PostingDate                  : Date;
            CompanyCodeCurrency          : String(5);
            AmountInCompanyCodeCurrency  : Decimal(24, 3);
            TransactionCurrency          : String(5);
            AmountInTransactionCurrency  : Decimal(24, 3);
    }
}
