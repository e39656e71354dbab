//! Measurements that work everywhere, with nothing downloaded.
