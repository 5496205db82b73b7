"""Pages of the site beside those of the reports: every module here holds one, as ``PAGE``."""
