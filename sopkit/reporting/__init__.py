"""What people read: exhibits, the HTML report, the Excel workbook."""
