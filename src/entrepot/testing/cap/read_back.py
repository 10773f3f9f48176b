"""What SAP's runtime holds, told by pyodata, SAP's own client for OData version 2: the lines of journals by reference.

    python read_back.py URL USER PASSWORD REFERENCE... > lines.json

A second reader for tests: no line of Entrepot is imported, and none of its adapter's calls are used.
"""

import json
import sys

_SERVICE = "/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/"


def main() -> None:
    """Print a list of reference, day, account, side, both amounts (decimal texts) with their currencies."""
    import pyodata
    import requests
    from pyodata.v2.model import Config, PolicyIgnore

    url, user, password, *references = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    session.auth = (user, password)
    found = pyodata.Client(url + _SERVICE, session, config=Config(default_error_policy=PolicyIgnore()))
    lines = []
    for reference in references:
        asked = found.entity_sets.A_OperationalAcctgDocItemCube.get_entities()
        lines += [
            [
                row.DocumentReferenceID,
                f"{row.PostingDate:%Y-%m-%d}",
                row.GLAccount,
                row.DebitCreditCode,
                str(row.AmountInCompanyCodeCurrency),
                row.CompanyCodeCurrency,
                str(row.AmountInTransactionCurrency),
                row.TransactionCurrency,
            ]
            for row in asked.filter(f"DocumentReferenceID eq '{reference}'").execute()
        ]
    json.dump(sorted(lines), sys.stdout)


if __name__ == "__main__":
    main()
