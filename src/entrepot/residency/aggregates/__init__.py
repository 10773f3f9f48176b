"""Edge aggregates: sums that leave a cell only where no part of them can be taken off somebody."""
