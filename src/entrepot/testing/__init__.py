"""Suites, fakes and second engines that we publish, so that others can prove their own parts."""
