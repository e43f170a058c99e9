import { createInProcessLog } from '../../platform/log/inProcessLog.js';
import { describeEventLog } from './log.suite.js';

describeEventLog(() => Promise.resolve(createInProcessLog()));
